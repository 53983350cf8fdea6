#include "extension/src/sale_watch.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "extension/src/datum.hpp"
#include "extension/src/table_columns.hpp"
#include "extension/src/told_channel.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/fmgroids.h"
}

namespace attribution::reports {

namespace {

bool tells_channel(dirty_scan& event) {
    return read_text(event.value(event_column::event_type)) == "conversion" &&
           !DatumGetBool(event.value(event_column::evidence));
}

// Whether the channel of `told` makes no difference to a sale that the event tells of.
bool is_as_good(dirty_scan& event, const new_conversion& told) {
    return rank_channel(read_text(event.value(event_column::channel)),
                        DatumGetTimestampTz(event.value(event_column::occurred_at))) <=
           rank_channel(read_text(told.channel), told.occurred_at);
}

bool is_first_capture(dirty_scan& entry) {
    return read_text(entry.value(ledger_column::kind)) == "capture" &&
           DatumGetInt32(entry.value(ledger_column::step)) == 1;
}

lone_conversions& found_alone() {
    static lone_conversions found;
    return found;
}

}  // namespace

bool lone_conversions::is_of_this_statement() const {
    return transaction_ == GetTopTransactionIdIfAny() && command_ == GetCurrentCommandId(false);
}

void lone_conversions::add(const pg_uuid_t& event) {
    if (!is_of_this_statement()) events_.clear();
    transaction_ = GetTopTransactionIdIfAny();
    command_ = GetCurrentCommandId(false);
    events_.push_back(event);
}

// Ingestion stores events in the order of their ids. Of others some are not found, and looked up.
bool lone_conversions::contain(const pg_uuid_t& event) const {
    if (!is_of_this_statement()) return false;
    return std::binary_search(events_.begin(), events_.end(), event,
                              [](const pg_uuid_t& a, const pg_uuid_t& b) { return compare_ids(a, b) < 0; });
}

dirty_scan& sale_watch::entries_of_sale() {
    if (!entries_of_sale_)
        entries_of_sale_.emplace(schema_, "revenue_ledger", "revenue_ledger_sale",
                                 std::initializer_list<Oid>{F_UUID_EQ, F_TEXTEQ});
    return *entries_of_sale_;
}

dirty_scan& sale_watch::first_captures() {
    if (!first_captures_)
        first_captures_.emplace(schema_, "revenue_ledger", "revenue_ledger_step",
                                std::initializer_list<Oid>{F_UUID_EQ, F_TEXTEQ, F_TEXTEQ, F_INT4EQ});
    return *first_captures_;
}

dirty_scan& sale_watch::entries_of_event() {
    if (!entries_of_event_)
        entries_of_event_.emplace(schema_, "revenue_ledger", "revenue_ledger_event",
                                  std::initializer_list<Oid>{F_UUID_EQ, F_UUID_EQ});
    return *entries_of_event_;
}

dirty_scan& sale_watch::events() {
    if (!events_)
        events_.emplace(schema_, "attribution_events", nullptr,
                        std::initializer_list<Oid>{F_UUID_EQ, F_UUID_EQ});
    return *events_;
}

dirty_scan& sale_watch::events_of_order() {
    if (!events_of_order_)
        events_of_order_.emplace(schema_, "attribution_events", "attribution_events_external_id",
                                 std::initializer_list<Oid>{F_UUID_EQ, F_TEXTEQ});
    return *events_of_order_;
}

void sale_watch::close() {
    for (std::optional<dirty_scan>* scan :
         {&entries_of_sale_, &first_captures_, &entries_of_event_, &events_, &events_of_order_})
        if (*scan) (*scan)->close();
}

// What came before its sale: a refund, say, that was no channel's until now. Whether there was any.
bool sale_watch::note_others(const new_entry& capture, dirty_buckets& into) {
    bool found = false;
    dirty_scan& entries = entries_of_sale();
    const std::array values{UUIDPGetDatum(capture.tenant), capture.money_key};
    entries.start(values.data());
    while (entries.next()) {
        if (is_same(*DatumGetUUIDP(entries.value(ledger_column::entry_id)), *capture.id)) continue;
        const TimestampTz bucket = DatumGetTimestampTz(entries.value(ledger_column::bucket_start));
        into.add(*capture.tenant, revenue, bucket);
        into.add(*capture.tenant, allocations, bucket);
        found = true;
    }
    return found;
}

// Conversions of the same order that are being stored by others may change the channel of the sale that the
// event booked: that of the bucket, or with none that of what came before the sale.
void sale_watch::note_channel(const new_entry& entry, const pg_uuid_t& sale_event,
                              std::optional<TimestampTz> bucket, dirty_buckets& into) {
    if (found_alone().contain(sale_event)) return;
    dirty_scan& booked_by = events();
    const std::array by_id{UUIDPGetDatum(entry.tenant), UUIDPGetDatum(&sale_event)};
    booked_by.start(by_id.data());
    if (!booked_by.next() || booked_by.value(event_column::external_id) == 0) return;
    const std::string_view source = read_text(booked_by.value(event_column::source));
    dirty_scan& others = events_of_order();
    const std::array by_order{UUIDPGetDatum(entry.tenant), booked_by.value(event_column::external_id)};
    others.start(by_order.data());
    while (others.next()) {
        if (!others.is_pending() || read_text(others.value(event_column::source)) != source ||
            !tells_channel(others))
            continue;
        const pg_uuid_t awaits = *DatumGetUUIDP(others.value(event_column::event_id));
        if (bucket)
            into.add_awaited(*entry.tenant, *bucket, awaits);
        else
            await_others(entry, awaits, into);
    }
}

void sale_watch::await_others(const new_entry& capture, const pg_uuid_t& awaits, dirty_buckets& into) {
    dirty_scan& entries = entries_of_sale();
    const std::array values{UUIDPGetDatum(capture.tenant), capture.money_key};
    entries.start(values.data());
    while (entries.next()) {
        if (!is_same(*DatumGetUUIDP(entries.value(ledger_column::entry_id)), *capture.id))
            into.add_awaited(*capture.tenant, DatumGetTimestampTz(entries.value(ledger_column::bucket_start)),
                             awaits);
    }
}

void sale_watch::note(const new_entry& entry, dirty_buckets& into) {
    into.add(*entry.tenant, revenue, entry.bucket);
    if (entry.is_first_capture) {
        if (note_others(entry, into)) note_channel(entry, *entry.event, std::nullopt, into);
        if (read_text(entry.money_key) == read_text(entry.sale_key))
            return note_channel(entry, *entry.event, entry.bucket, into);
    }
    dirty_scan& capture = first_captures();
    const std::array values{UUIDPGetDatum(entry.tenant), entry.sale_key, make_text("capture"),
                            Int32GetDatum(1)};
    capture.start(values.data());
    while (capture.next()) {
        if (capture.is_pending())
            into.add_awaited(*entry.tenant, entry.bucket,
                             *DatumGetUUIDP(capture.value(ledger_column::entry_id)));
        const pg_uuid_t sale_event = *DatumGetUUIDP(capture.value(ledger_column::event_id));
        note_channel(entry, sale_event, entry.bucket, into);
    }
}

// All entries of the sales that the event booked.
void sale_watch::note_sales_of(const pg_uuid_t& tenant, const pg_uuid_t& event, dirty_buckets& into) {
    dirty_scan& captures = entries_of_event();
    const std::array by_event{UUIDPGetDatum(&tenant), UUIDPGetDatum(&event)};
    captures.start(by_event.data());
    while (captures.next()) {
        if (!is_first_capture(captures)) continue;
        dirty_scan& entries = entries_of_sale();
        const std::array by_sale{UUIDPGetDatum(&tenant), captures.value(ledger_column::money_key)};
        entries.start(by_sale.data());
        while (entries.next())
            into.add(tenant, revenue, DatumGetTimestampTz(entries.value(ledger_column::bucket_start)));
    }
}

void sale_watch::note(const new_conversion& told, dirty_buckets& into) {
    std::vector<pg_uuid_t> others;
    dirty_scan& events = events_of_order();
    const std::array values{UUIDPGetDatum(told.tenant), told.external_id};
    events.start(values.data());
    while (events.next()) {
        const pg_uuid_t id = *DatumGetUUIDP(events.value(event_column::event_id));
        if (is_same(id, *told.id) || read_text(events.value(event_column::source)) != read_text(told.source))
            continue;
        if (!events.is_pending() && tells_channel(events) && is_as_good(events, told)) return;
        others.push_back(id);
    }
    if (others.empty()) found_alone().add(*told.id);
    for (const pg_uuid_t& other : others) note_sales_of(*told.tenant, other, into);
}

}  // namespace attribution::reports
