#include "extension/src/booked_entries.hpp"

#include <array>
#include <optional>

#include "extension/src/datum.hpp"
#include "extension/src/table_columns.hpp"
#include "extension/src/told_channel.hpp"

extern "C" {
#include "utils/fmgroids.h"
}

namespace attribution::reports {

booked_entries::booked_entries(Oid schema)
    : entries_(schema, "revenue_ledger", "revenue_ledger_bucket", {F_UUID_EQ, F_TIMESTAMPTZ_EQ},
               GetActiveSnapshot()),
      captures_(schema, "revenue_ledger", "revenue_ledger_step", {F_UUID_EQ, F_TEXTEQ, F_TEXTEQ, F_INT4EQ},
                GetActiveSnapshot()),
      events_(schema, "attribution_events", nullptr, {F_UUID_EQ, F_UUID_EQ}, GetActiveSnapshot()),
      events_of_order_(schema, "attribution_events", "attribution_events_external_id", {F_UUID_EQ, F_TEXTEQ},
                       GetActiveSnapshot()),
      capture_kind_(make_text("capture")) {}

void booked_entries::close() {
    for (index_lookup* each : {&entries_, &captures_, &events_, &events_of_order_}) each->close();
}

void booked_entries::start(const pg_uuid_t& tenant, TimestampTz bucket) {
    tenant_ = tenant;
    bucket_ = bucket;
    const std::array values{UUIDPGetDatum(&tenant_), TimestampTzGetDatum(bucket)};
    entries_.start(values.data());
}

bool booked_entries::next() {
    while (entries_.next()) {
        is_first_capture_ = read_text(entries_.value(ledger_column::kind)) == "capture" &&
                            DatumGetInt32(entries_.value(ledger_column::step)) == 1;
        if (find_channel()) return true;
    }
    return false;
}

// Most entries are their sale's first capture, which need not be looked up.
bool booked_entries::find_channel() {
    sale_bucket_ = bucket_;
    const bool is_sale = is_first_capture_ && entries_.is_null(ledger_column::parent_money_key);
    if (is_sale || !find_sale()) return hear(entries_.value(ledger_column::event_id), is_sale);
    sale_bucket_ = DatumGetTimestampTz(captures_.value(ledger_column::bucket_start));
    return hear(captures_.value(ledger_column::event_id), true);
}

bool booked_entries::find_sale() {
    const std::array values{UUIDPGetDatum(&tenant_), entries_.value(ledger_column::sale_key), capture_kind_,
                            Int32GetDatum(1)};
    captures_.start(values.data());
    return captures_.next();
}

bool booked_entries::hear(Datum event, bool is_of_sale) {
    using namespace event_column;
    const std::array by_id{UUIDPGetDatum(&tenant_), event};
    events_.start(by_id.data());
    if (!events_.next()) return false;
    channel_ = read_text(events_.value(event_column::channel));
    if (!is_of_sale || events_.is_null(external_id)) return true;
    const std::string_view told_by = read_text(events_.value(source));
    std::optional<channel_rank> least;
    const std::array by_order{UUIDPGetDatum(&tenant_), events_.value(external_id)};
    for (events_of_order_.start(by_order.data()); events_of_order_.next();) {
        if (read_text(events_of_order_.value(event_type)) != "conversion" ||
            DatumGetBool(events_of_order_.value(evidence)) ||
            read_text(events_of_order_.value(source)) != told_by)
            continue;
        const channel_rank rank = rank_channel(read_text(events_of_order_.value(event_column::channel)),
                                               DatumGetTimestampTz(events_of_order_.value(occurred_at)));
        if (least && !(rank < *least)) continue;
        channel_ = std::get<std::string_view>(rank);
        least = rank;
        std::get<std::string_view>(*least) = channel_;
    }
    return true;
}

}  // namespace attribution::reports
