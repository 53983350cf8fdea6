// dirty_buckets(), is_decided(): what views and folding must know of the queue.

#include <algorithm>
#include <array>
#include <vector>

#include "extension/src/datum.hpp"
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

struct awaiting {
    pg_uuid_t id;
    TimestampTz bucket;
};

std::vector<awaiting> read_awaiting(Oid schema, const pg_uuid_t& tenant) {
    std::vector<awaiting> found;
    call([&] {
        Relation table = open_table(schema, "dirty_buckets", AccessShareLock);
        Relation index = open_index(schema, "dirty_buckets_key");
        key_scan scan(table, index, GetActiveSnapshot());
        scan.compare(1, BTEqualStrategyNumber, F_UUID_EQ);
        scan.compare(2, BTEqualStrategyNumber, F_TEXTEQ);
        const std::array values{UUIDPGetDatum(&tenant), make_text(awaited)};
        scan.start(values.data());
        while (scan.next()) {
            CHECK_FOR_INTERRUPTS();
            found.push_back(
                {*DatumGetUUIDP(scan.value(awaits_column)), DatumGetTimestampTz(scan.value(bucket_column))});
        }
        scan.close();
        index_close(index, NoLock);
        table_close(table, NoLock);
    });
    return found;
}

// Those whose event or entry, as the table says, is there: the snapshot sees it.
void add_fulfilled(Oid schema, const char* table_name, const pg_uuid_t& tenant,
                   const std::vector<awaiting>& all, std::vector<TimestampTz>& into) {
    call([&] {
        Relation table = open_table(schema, table_name, AccessShareLock);
        key_scan scan(table, nullptr, GetActiveSnapshot());
        scan.compare(1, BTEqualStrategyNumber, F_UUID_EQ);
        scan.compare(2, BTEqualStrategyNumber, F_UUID_EQ);
        for (const awaiting& each : all) {
            CHECK_FOR_INTERRUPTS();
            const std::array values{UUIDPGetDatum(&tenant), UUIDPGetDatum(&each.id)};
            scan.start(values.data());
            if (scan.next()) into.push_back(each.bucket);
        }
        scan.close();
        table_close(table, NoLock);
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
    const std::vector<awaiting> waiting = read_awaiting(schema, *tenant);
    if (!waiting.empty()) {
        add_fulfilled(schema, "attribution_events", *tenant, waiting, buckets);
        add_fulfilled(schema, "revenue_ledger", *tenant, waiting, buckets);
    }
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
