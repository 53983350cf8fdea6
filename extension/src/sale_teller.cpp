#include "extension/src/sale_teller.hpp"

#include <algorithm>

#include "extension/src/credit_model.hpp"
#include "extension/src/ingest_rows.hpp"
#include "extension/src/table_columns.hpp"

extern "C" {
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
}

namespace attribution::allocations {

namespace {

std::string_view campaign_of(Datum payload) {
    const auto member = [](JsonbContainer* of, std::string_view name) {
        return getKeyJsonValueFromContainer(of, name.data(), static_cast<int>(name.size()), nullptr);
    };
    const JsonbValue* signals = member(&DatumGetJsonbP(payload)->root, "signals");
    if (signals == nullptr || signals->type != jbvBinary || !JsonContainerIsObject(signals->val.binary.data))
        return {};
    const JsonbValue* campaign = member(signals->val.binary.data, "campaign");
    if (campaign == nullptr || campaign->type != jbvString) return {};
    return {campaign->val.string.val, static_cast<std::size_t>(campaign->val.string.len)};
}

}  // namespace

sale_teller::sale_teller(Datum tenant, Oid schema, buffers& into, MemoryContext memory)
    : ledger_(tenant, schema, "revenue_ledger", "revenue_ledger_sale", F_TEXTEQ),
      events_(tenant, schema, "attribution_events", "attribution_events_pkey", F_UUID_EQ),
      by_order_(tenant, schema, "attribution_events", "attribution_events_external_id", F_TEXTEQ),
      by_reference_(tenant, schema, "attribution_events", "attribution_events_order_ref", F_TEXTEQ),
      journeys_(tenant, schema, "event_journeys", "event_journeys_pkey", F_UUID_EQ),
      touches_(tenant, schema, into.touches),
      rows_(into.rows),
      bookings_(into.bookings),
      memory_(memory) {}

void sale_teller::close() {
    for (table_lookup* one : {&ledger_, &events_, &by_order_, &by_reference_, &journeys_}) one->close();
    touches_.close();
}

std::string_view sale_teller::keep(std::string_view text) const {
    auto* copy = static_cast<char*>(MemoryContextAlloc(memory_, text.size() + 1));
    std::copy(text.begin(), text.end(), copy);
    return {copy, text.size()};
}

std::string_view sale_teller::keep_campaign(Datum payload) const {
    MemoryContext outer = MemoryContextSwitchTo(memory_);
    const std::string_view campaign = campaign_of(payload);
    MemoryContextSwitchTo(outer);
    return keep(campaign);
}

void sale_teller::read_bookings(Datum sale_key) {
    using namespace ledger_column;
    bookings_.clear();
    for (ledger_.start(sale_key); ledger_.next();) {
        bookings_.push_back({*DatumGetUUIDP(ledger_.value(entry_id)), *DatumGetUUIDP(ledger_.value(event_id)),
                             DatumGetInt64(ledger_.value(amount)), DatumGetInt64(ledger_.value(occurred_at)),
                             keep(ledger_.text(money_key)), keep(ledger_.text(kind)),
                             keep(ledger_.text(currency))});
    }
    std::sort(bookings_.begin(), bookings_.end(), [](const booking& a, const booking& b) {
        if (const auto one = std::tie(a.occurred_at, a.kind, a.money_key),
            other = std::tie(b.occurred_at, b.kind, b.money_key);
            one != other)
            return one < other;
        return compare_ids(a.entry, b.entry) < 0;
    });
}

// The entry that began it: captured money, or what came back of a sale that is not known.
const booking* sale_teller::find_beginning() {
    const booking* first = nullptr;
    std::tuple<bool, bool, bool, event_place> least;
    for (const booking& one : bookings_) {
        std::tuple<bool, bool, bool, event_place> rank{
            one.kind != "capture", one.kind != "adjustment", one.amount_minor < 0, {one.occurred_at, {}, {}}};
        auto& [a, b, c, place] = rank;
        if (first != nullptr && std::tie(a, b, c, place.occurred_at) >
                                    std::tie(std::get<0>(least), std::get<1>(least), std::get<2>(least),
                                             std::get<3>(least).occurred_at))
            continue;
        events_.start(UUIDPGetDatum(&one.event));
        if (!events_.next()) continue;
        place.source = events_.text(event_column::source);
        place.delivery_key = events_.text(event_column::delivery_key);
        if (first != nullptr && !(rank < least)) continue;
        place.source = keep(place.source);
        place.delivery_key = keep(place.delivery_key);
        least = rank;
        first = &one;
        source_ = place.source;
        const Datum external_id = events_.value(event_column::external_id);
        external_id_.reset();
        if (external_id != 0) external_id_ = keep(read_text(external_id));
    }
    return first;
}

// Of channels the best known counts, as in realtime_revenue; but evidence tells one too.
void sale_teller::hear(table_lookup& event, telling& told) {
    using namespace event_column;
    const bool is_evidence = DatumGetBool(event.value(evidence));
    const event_place place{DatumGetInt64(event.value(occurred_at)), event.text(source),
                            event.text(delivery_key)};
    const auto kept = [&] {
        return event_place{place.occurred_at, keep(place.source), keep(place.delivery_key)};
    };
    if (!is_evidence)
        told.converted_at = std::min(told.converted_at.value_or(place.occurred_at), place.occurred_at);
    if (!told.journey_told || place < *told.journey_told) {
        journeys_.start(event.value(event_id));
        if (journeys_.next()) {
            told.journey = keep(journeys_.text(journey_column::journey_id));
            told.journey_told = kept();
        }
    }
    const std::string_view visited = event.text(channel);
    const std::tuple rank{visited == credit::direct_channel, is_evidence, place.occurred_at, visited, place};
    if (visited == channels::unknown_channel || (told.channel_told && !(rank < *told.channel_told))) return;
    told.channel = keep(visited);
    told.campaign = keep_campaign(event.value(payload));
    told.channel_told.emplace(std::get<0>(rank), is_evidence, place.occurred_at, told.channel, kept());
}

telling sale_teller::hear_all() {
    using namespace event_column;
    telling told;
    if (!external_id_) return told;
    const auto is_conversion = [](table_lookup& event, bool as_evidence) {
        return event.text(event_type) == "conversion" && DatumGetBool(event.value(evidence)) == as_evidence;
    };
    const Datum order = make_text(*external_id_);
    for (by_order_.start(order); by_order_.next();)
        if (is_conversion(by_order_, false) && by_order_.text(source) == source_) hear(by_order_, told);
    for (by_reference_.start(order); by_reference_.next();)
        if (is_conversion(by_reference_, true)) hear(by_reference_, told);
    pfree(DatumGetPointer(order));
    return told;
}

void sale_teller::add(Datum sale_key) {
    read_bookings(sale_key);
    const booking* beginning = find_beginning();
    if (beginning == nullptr) return;
    const telling told = hear_all();
    if (told.journey_told) touches_.look_up(static_cast<std::uint32_t>(rows_.size()), told.journey);
    MemoryContext outer = MemoryContextSwitchTo(memory_);
    ingest::row_array entries("sale_entry", static_cast<int>(bookings_.size()));
    for (const booking& one : bookings_) {
        entries.uuid(one.entry).big(one.amount_minor).big(one.occurred_at);
        entries.text(one.money_key).text(one.kind).text(one.currency).end_row();
    }
    const std::int64_t converted_at = told.converted_at.value_or(beginning->occurred_at);
    rows_.push_back({sale_key, make_text(source_), external_id_ ? make_text(*external_id_) : Datum{0},
                     told.journey_told ? make_text(told.journey) : Datum{0},
                     Int64GetDatum(std::min(beginning->occurred_at, converted_at)), make_text(told.channel),
                     make_text(told.campaign), Int64GetDatum(bookings_.front().occurred_at),
                     Int64GetDatum(bookings_.back().occurred_at), entries.finish(), Datum{0}});
    MemoryContextSwitchTo(outer);
}

void sale_teller::read(std::span<const Datum> sale_keys) {
    MemoryContextReset(memory_);
    rows_.clear();
    touches_.start(sale_keys.size());
    for (const Datum sale_key : sale_keys) {
        CHECK_FOR_INTERRUPTS();
        add(sale_key);
    }
    touches_.fetch();
}

}  // namespace attribution::allocations
