#include "extension/src/pruning.hpp"

#include <array>

#include "extension/src/guard.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
}

namespace attribution::allocations {

namespace {

bool pruning_now = false;

class pruning_scope {
  public:
    pruning_scope() { pruning_now = true; }
    ~pruning_scope() { pruning_now = false; }
    pruning_scope(const pruning_scope&) = delete;
    pruning_scope& operator=(const pruning_scope&) = delete;
};

// A current set has no newer one, so it stays.
constexpr const char* delete_superseded = R"sql(
WITH sets AS (
    DELETE FROM attribution.allocation_sets AS s
     WHERE s.tenant_id = $1
       AND EXISTS (SELECT FROM attribution.allocation_sets AS newer
                    WHERE newer.tenant_id = s.tenant_id AND newer.entry_id = s.entry_id AND newer.model = s.model
                      AND newer.revision > s.revision AND newer.made_at <= $2)
    RETURNING s.tenant_id, s.entry_id, s.model, s.revision
), parts AS (
    DELETE FROM attribution.attribution_allocations AS a
     USING sets AS s
     WHERE a.tenant_id = s.tenant_id AND a.entry_id = s.entry_id AND a.model = s.model AND a.revision = s.revision
    RETURNING a.tenant_id
)
SELECT (SELECT count(*) FROM sets), (SELECT count(*) FROM parts))sql";

Datum delete_superseded_sets(FunctionCallInfo fcinfo) {
    const pruning_scope scope;
    return call([&] {
        TupleDesc result = nullptr;
        if (get_call_result_type(fcinfo, nullptr, &result) != TYPEFUNC_COMPOSITE) elog(ERROR, "not a row");
        std::array<Oid, 2> types{UUIDOID, TIMESTAMPTZOID};
        std::array<Datum, 2> values{PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
        SPI_connect();
        const int code =
            SPI_execute_with_args(delete_superseded, 2, types.data(), values.data(), nullptr, false, 0);
        if (code != SPI_OK_SELECT) elog(ERROR, "could not prune: %s", SPI_result_code_string(code));
        const HeapTuple counts = SPI_copytuple(SPI_tuptable->vals[0]);
        std::array<bool, 2> nulls{};
        heap_deform_tuple(counts, SPI_tuptable->tupdesc, values.data(), nulls.data());
        SPI_finish();
        return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(result), values.data(), nulls.data()));
    });
}

}  // namespace

bool is_pruning() {
    return pruning_now;
}

}  // namespace attribution::allocations

ATTRIBUTION_FUNCTION(attribution_delete_superseded_sets) {
    return attribution::guard([&] { return attribution::allocations::delete_superseded_sets(fcinfo); });
}
