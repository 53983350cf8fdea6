// told_sales(): what the ledger and events tell of sales, as the table sales keeps it.

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "extension/src/channel_cache.hpp"
#include "extension/src/credit_model.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/ingest_rows.hpp"
#include "extension/src/table_lookup.hpp"
#include "extension/src/touch_reader.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "funcapi.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
}

namespace attribution::allocations {

namespace {

// Places of columns (0003_events.sql, 0004_revenue.sql, 0007_ingestion.sql, 0015_allocate.sql).
namespace ledger_column {
enum { entry_id = 2, money_key = 3, kind = 4, amount = 6, currency = 7, event_id = 11, occurred_at = 12 };
}
namespace event_column {
enum {
    event_id = 2,
    source = 3,
    delivery_key = 4,
    event_type = 6,
    external_id = 11,
    order_ref = 12,
    evidence = 13,
    occurred_at = 14,
    channel = 16,
    payload = 18
};
}
constexpr int journey_id_column = 3;

// In the order of told_sales(): 0 for NULL, which only some may be.
using sale_row = std::array<Datum, 11>;
constexpr std::size_t external_id_place = 2;
constexpr std::size_t journey_place = 3;
constexpr std::size_t touches_place = 10;

// Memory is that of so many sales, of which each may have as many touches as are kept.
constexpr std::size_t sales_at_a_time = 250;

struct booking {
    pg_uuid_t entry;
    pg_uuid_t event;
    std::int64_t amount_minor;
    std::int64_t occurred_at;
    std::string_view money_key;
    std::string_view kind;
    std::string_view currency;
};

// By what events of the same time are put in order, so that the order of arrival does not matter.
struct event_place {
    std::int64_t occurred_at = 0;
    std::string_view source;
    std::string_view delivery_key;
    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
    auto operator<=>(const event_place&) const = default;
};

// Of the sale, by the events that tell of it.
struct telling {
    std::optional<std::int64_t> converted_at;
    std::optional<event_place> journey_told;
    std::string_view journey;
    std::optional<std::tuple<bool, bool, event_place>>
        channel_told;  // not the direct one, then not by evidence
    std::string_view channel = channels::unknown_channel;
    std::string_view campaign;
};

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

// Calls PostgreSQL and owns nothing: buffers and `memory` are the caller's. What is kept of a sale is in
// `memory`, which scans may not use: they outlive the sale. The ledger is looked at first: the event of an
// entry that is seen is seen too.
class sale_teller {
  public:
    struct buffers {
        std::vector<sale_row> rows;
        std::vector<booking> bookings;  // of the last sale
        touch_reader::buffers touches;
    };

    sale_teller(Datum tenant, Oid schema, buffers& into, MemoryContext memory)
        : ledger_(tenant, schema, "revenue_ledger", "revenue_ledger_sale", F_TEXTEQ),
          events_(tenant, schema, "attribution_events", "attribution_events_pkey", F_UUID_EQ),
          by_order_(tenant, schema, "attribution_events", "attribution_events_external_id", F_TEXTEQ),
          by_reference_(tenant, schema, "attribution_events", "attribution_events_order_ref", F_TEXTEQ),
          journeys_(tenant, schema, "event_journeys", "event_journeys_pkey", F_UUID_EQ),
          touches_(tenant, schema, into.touches),
          rows_(into.rows),
          bookings_(into.bookings),
          memory_(memory) {}
    void close() {
        for (table_lookup* one : {&ledger_, &events_, &by_order_, &by_reference_, &journeys_}) one->close();
        touches_.close();
    }

    // Adds the rows of some sales, those that the ledger has, without their touches, which are in the buffer.
    // What was told of the last ones ends.
    void read(std::span<const Datum> sale_keys);

  private:
    void add(Datum sale_key);
    [[nodiscard]] std::string_view keep(std::string_view text) const;
    [[nodiscard]] std::string_view keep_campaign(Datum payload) const;
    void read_bookings(Datum sale_key);
    [[nodiscard]] const booking* find_beginning();
    void hear(table_lookup& event, telling& told);
    [[nodiscard]] telling hear_all();

    table_lookup ledger_;
    table_lookup events_;
    table_lookup by_order_;
    table_lookup by_reference_;
    table_lookup journeys_;
    touch_reader touches_;
    std::vector<sale_row>& rows_;
    std::vector<booking>& bookings_;
    MemoryContext memory_;
    std::string_view source_;  // of the event that began the sale
    std::optional<std::string_view> external_id_;
};

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

// Of channels the best known counts, as in realtime_revenue.
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
            told.journey = keep(journeys_.text(journey_id_column));
            told.journey_told = kept();
        }
    }
    const std::string_view visited = event.text(channel);
    const std::tuple rank{visited == credit::direct_channel, is_evidence, place};
    if (visited == channels::unknown_channel || (told.channel_told && !(rank < *told.channel_told))) return;
    told.channel = keep(visited);
    told.campaign = keep_campaign(event.value(payload));
    told.channel_told.emplace(std::get<0>(rank), is_evidence, kept());
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

void put(const ReturnSetInfo* into, sale_row& row) {
    std::array<bool, std::tuple_size_v<sale_row>> nulls{};
    for (const std::size_t place : {external_id_place, journey_place, touches_place})
        nulls[place] = row[place] == 0;
    tuplestore_putvalues(into->setResult, into->setDesc, row.data(), nulls.data());
}

// Arguments: tenant_id, sale_keys.
Datum tell(FunctionCallInfo fcinfo) {
    const auto* into = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
    sale_teller::buffers read;
    auto opened = call([&] {
        InitMaterializedSRF(fcinfo, 0);
        MemoryContext some_sales =
            AllocSetContextCreate(CurrentMemoryContext, "what is told of sales", ALLOCSET_DEFAULT_SIZES);
        return std::tuple{
            read_array(PG_GETARG_DATUM(1)), some_sales,
            sale_teller(PG_GETARG_DATUM(0), get_namespace_oid("attribution", false), read, some_sales)};
    });
    auto& [all_keys, memory_of_sales, reader] = opened;
    std::span<const Datum> sale_keys = all_keys;
    MemoryContext memory = memory_of_sales;
    sale_teller& teller = reader;
    for (; !sale_keys.empty(); sale_keys = sale_keys.subspan(std::min(sales_at_a_time, sale_keys.size()))) {
        call([&] { teller.read(sale_keys.first(std::min(sales_at_a_time, sale_keys.size()))); });
        for (std::size_t i = 0; i < read.rows.size(); ++i) {
            const auto& touches = read.touches.touches[i];
            const std::string packed = touches.empty() ? std::string() : credit::pack_touches(touches);
            call([&] {
                MemoryContext outer = MemoryContextSwitchTo(memory);
                if (!touches.empty()) read.rows[i][touches_place] = make_text(packed);
                put(into, read.rows[i]);
                MemoryContextSwitchTo(outer);
            });
        }
    }
    call([&] { teller.close(); });
    return Datum{0};
}

}  // namespace

}  // namespace attribution::allocations

ATTRIBUTION_FUNCTION(attribution_told_sales) {
    return attribution::guard([&] { return attribution::allocations::tell(fcinfo); });
}
