#include "extension/src/saved_statement.hpp"

#include <algorithm>

extern "C" {
#include "catalog/pg_type.h"
}

namespace attribution::ingest {

namespace {

// The plans are made once, maybe while a table is still empty: a scan of it, or of all rows of a tenant,
// would look cheap then, and stay in the plan when the table has grown. So look-ups by key are written as
// LATERAL ... LIMIT 1, which can only be a probe of the index, and what else is joined is as long as the
// call. Costs of disabled nodes would call for JIT.
int plan_for_keys() {
    const int level = NewGUCNestLevel();
    for (const char* setting :
         {"enable_seqscan", "enable_bitmapscan", "enable_nestloop", "enable_mergejoin", "jit"}) {
        (void)set_config_option(setting, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    }
    return level;
}

}  // namespace

const CachedPlanSource* saved_statement::source() const {
    return static_cast<const CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan_)));
}

int saved_statement::times_planned() const {
    return source()->generation;
}

bool saved_statement::has_plan() const {
    const CachedPlanSource* source = this->source();
    return source->is_valid && source->gplan != nullptr && source->gplan->is_valid;
}

void saved_statement::prepare(std::span<const Oid> types) {
    SPIPlanPtr made = SPI_prepare_cursor(sql_, static_cast<int>(types.size()), const_cast<Oid*>(types.data()),
                                         CURSOR_OPT_GENERIC_PLAN);
    if (made == nullptr || SPI_keepplan(made) != 0) {
        elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
    }
    if (plan_ != nullptr) SPI_freeplan(plan_);
    plan_ = made;
    std::copy(types.begin(), types.end(), types_.begin());
}

void saved_statement::execute(std::span<const Oid> types, std::span<Datum> values, const char* nulls) {
    execute_with(false, types, values, nulls);
}

void saved_statement::execute_newest(std::span<const Oid> types, std::span<Datum> values) {
    execute_with(true, types, values, nullptr);
}

void saved_statement::execute_with(bool newest, std::span<const Oid> types, std::span<Datum> values,
                                   const char* nulls) {
    if (plan_ == nullptr || !std::equal(types.begin(), types.end(), types_.begin())) prepare(types);
    const int level = has_plan() ? 0 : plan_for_keys();
    const int before = times_planned();
    const Snapshot snapshot = newest ? GetLatestSnapshot() : InvalidSnapshot;
    const int code =
        SPI_execute_snapshot(plan_, values.data(), nulls, snapshot, InvalidSnapshot, false, true, 0);
    if (level != 0) AtEOXact_GUC(true, level);
    if (code < 0) elog(ERROR, "could not execute a statement: %s", SPI_result_code_string(code));
    // An invalidation that came with the locks had it planned again without our settings: not to be kept.
    if (level == 0 && times_planned() != before) prepare(types);
}

Datum result(std::uint64_t row, int column) {
    bool null = false;
    const Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &null);
    if (null) elog(ERROR, "unexpected NULL in column %d of a result", column);
    return value;
}

}  // namespace attribution::ingest
