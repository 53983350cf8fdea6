// dirty_buckets(), is_decided(): what views and folding must know of the queue.

#include <algorithm>
#include <array>
#include <vector>

#include "extension/src/dirty_buckets.hpp"
#include "extension/src/dirty_scan.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/tenant.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/namespace.h"
#include "funcapi.h"
#include "utils/fmgroids.h"
}

namespace attribution::reports {

namespace {

constexpr int bucket_column = 3;
constexpr int awaits_column = 4;

Datum make_text(std::string_view value) {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
}

// One look-up for each bucket, however often it was queued.
void read_queued(Oid schema, const pg_uuid_t& tenant, Datum what, std::vector<TimestampTz>& into) {
    call([&] {
        Relation table = open_table(schema, "dirty_buckets", AccessShareLock);
        Relation index = open_index(schema, "dirty_buckets_key");
        key_scan scan(table, index, GetActiveSnapshot());
        scan.compare(1, BTEqualStrategyNumber, F_UUID_EQ);
        scan.compare(2, BTEqualStrategyNumber, F_TEXTEQ);
        scan.compare(3, BTGreaterStrategyNumber, F_TIMESTAMPTZ_GT);
        TimestampTz last = DT_NOBEGIN;
        for (;;) {
            CHECK_FOR_INTERRUPTS();
            const std::array values{UUIDPGetDatum(&tenant), what, TimestampTzGetDatum(last)};
            scan.start(values.data());
            if (!scan.next()) break;
            last = DatumGetTimestampTz(scan.value(bucket_column));
            into.push_back(last);
        }
        scan.close();
        index_close(index, NoLock);
        table_close(table, NoLock);
    });
}

bool has_row(key_scan& scan, const pg_uuid_t& tenant, const pg_uuid_t& id) {
    const std::array values{UUIDPGetDatum(&tenant), UUIDPGetDatum(&id)};
    scan.start(values.data());
    return scan.next();
}

// Those that have what they awaited: the snapshot sees it.
void read_awaited(Oid schema, const pg_uuid_t& tenant, std::vector<TimestampTz>& into) {
    call([&] {
        Relation table = open_table(schema, "dirty_buckets", AccessShareLock);
        Relation index = open_index(schema, "dirty_buckets_key");
        Relation events = open_table(schema, "attribution_events", AccessShareLock);
        Relation ledger = open_table(schema, "revenue_ledger", AccessShareLock);
        key_scan scan(table, index, GetActiveSnapshot());
        key_scan event(events, nullptr, GetActiveSnapshot());
        key_scan entry(ledger, nullptr, GetActiveSnapshot());
        for (key_scan* each : {&event, &entry}) {
            each->compare(1, BTEqualStrategyNumber, F_UUID_EQ);
            each->compare(2, BTEqualStrategyNumber, F_UUID_EQ);
        }
        scan.compare(1, BTEqualStrategyNumber, F_UUID_EQ);
        scan.compare(2, BTEqualStrategyNumber, F_TEXTEQ);
        const std::array values{UUIDPGetDatum(&tenant), make_text(awaited)};
        scan.start(values.data());
        while (scan.next()) {
            CHECK_FOR_INTERRUPTS();
            const pg_uuid_t& id = *DatumGetUUIDP(scan.value(awaits_column));
            if (has_row(event, tenant, id) || has_row(entry, tenant, id))
                into.push_back(DatumGetTimestampTz(scan.value(bucket_column)));
        }
        for (key_scan* each : {&scan, &event, &entry}) each->close();
        index_close(index, NoLock);
        for (Relation each : {table, events, ledger}) table_close(each, NoLock);
    });
}

// Argument: what.
Datum find_dirty_buckets(FunctionCallInfo fcinfo) {
    call([&] { InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC); });
    const std::optional<pg_uuid_t> tenant = current_tenant();
    if (!tenant) return Datum{0};
    const Oid schema = call([] { return get_namespace_oid("attribution", false); });
    std::vector<TimestampTz> buckets;
    read_queued(schema, *tenant, PG_GETARG_DATUM(0), buckets);
    read_awaited(schema, *tenant, buckets);
    std::sort(buckets.begin(), buckets.end());
    buckets.erase(std::unique(buckets.begin(), buckets.end()), buckets.end());
    call([&] {
        const auto* into = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
        for (const TimestampTz bucket : buckets) {
            Datum value = TimestampTzGetDatum(bucket);
            bool null = false;
            tuplestore_putvalues(into->setResult, into->setDesc, &value, &null);
        }
    });
    return Datum{0};
}

bool is_pending(Oid schema, const char* table, const Datum* key) {
    dirty_scan scan(schema, table, nullptr, {F_UUID_EQ, F_UUID_EQ});
    scan.start(key);
    const bool pending = scan.next() && scan.is_pending();
    scan.close();
    return pending;
}

// Arguments: tenant_id, id. Committed by now or rolled back.
Datum is_decided(FunctionCallInfo fcinfo) {
    return call([&] {
        const Oid schema = get_namespace_oid("attribution", false);
        const std::array key{PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
        return BoolGetDatum(!is_pending(schema, "attribution_events", key.data()) &&
                            !is_pending(schema, "revenue_ledger", key.data()));
    });
}

}  // namespace

}  // namespace attribution::reports

ATTRIBUTION_FUNCTION(attribution_dirty_buckets) {
    return attribution::guard([&] { return attribution::reports::find_dirty_buckets(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_is_decided) {
    return attribution::guard([&] { return attribution::reports::is_decided(fcinfo); });
}
