// make_allocation_sets(): the trigger that lets a set in only when it equals its ledger entry, and makes its
// header. It reads the rows of the statement where the executor has put them.

#include <array>
#include <cstring>

#include "core/errors.hpp"
#include "extension/src/allocation_checks.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"

extern "C" {
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"
}

namespace attribution::allocations {

namespace {

// Columns of attribution_allocations in the order of 0013_allocations.sql.
enum column { tenant_id, entry_id, model, revision, channel, campaign, amount_minor, currency, column_count };
constexpr std::array<const char*, column_count> column_names{
    "tenant_id", "entry_id", "model", "revision", "channel", "campaign", "amount_minor", "currency"};

const TriggerData* trigger_data(FunctionCallInfo fcinfo) {
    if (!CALLED_AS_TRIGGER(fcinfo)) return nullptr;
    const auto* trigger = reinterpret_cast<const TriggerData*>(fcinfo->context);
    const bool is_usable = TRIGGER_FIRED_AFTER(trigger->tg_event) &&
                           TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) &&
                           TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && trigger->tg_newtable != nullptr;
    return is_usable ? trigger : nullptr;
}

bool has_columns(TupleDesc table) {
    if (table->natts < column_count) return false;
    for (int i = 0; i < column_count; ++i) {
        if (std::strcmp(NameStr(TupleDescAttr(table, i)->attname), column_names[i]) != 0) return false;
    }
    return true;
}

void read_parts(const TriggerData& trigger, set_collector& into) {
    call([&] {
        Tuplestorestate* rows = trigger.tg_newtable;
        TupleTableSlot* slot =
            MakeSingleTupleTableSlot(RelationGetDescr(trigger.tg_relation), &TTSOpsMinimalTuple);
        // A place of our own: other triggers may read the same rows.
        tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
        tuplestore_rescan(rows);
        while (tuplestore_gettupleslot(rows, true, false, slot)) {
            CHECK_FOR_INTERRUPTS();
            slot_getsomeattrs(slot, column_count);
            const Datum* values = slot->tts_values;
            into.add({DatumGetUUIDP(values[tenant_id]), DatumGetUUIDP(values[entry_id]),
                      read_text(values[model]), DatumGetInt32(values[revision]),
                      DatumGetInt64(values[amount_minor]), read_currency(values[currency])});
        }
        ExecDropSingleTupleTableSlot(slot);
    });
}

Datum make_sets(FunctionCallInfo fcinfo) {
    const TriggerData* trigger = trigger_data(fcinfo);
    if (trigger == nullptr || !has_columns(RelationGetDescr(trigger->tg_relation))) {
        throw error("39P01",
                    "make_allocation_sets() was not called as the AFTER INSERT statement trigger of "
                    "attribution_allocations with a transition table");
    }
    set_collector parts;
    read_parts(*trigger, parts);
    const statement_sets sets{RelationGetNamespace(trigger->tg_relation), parts.finish(),
                              parts.model_names()};
    if (sets.sets.empty()) return Datum{0};
    // What the statement itself booked is seen.
    call([] { CommandCounterIncrement(); });
    lock_models(sets);
    reports::dirty_buckets touched;
    compare_with_ledger(sets, touched);
    make_headers(sets);
    touched.write(sets.schema);
    return Datum{0};
}

}  // namespace

}  // namespace attribution::allocations

ATTRIBUTION_FUNCTION(attribution_make_allocation_sets) {
    return attribution::guard([&] { return attribution::allocations::make_sets(fcinfo); });
}
