// The triggers that queue what reports have to be made anew for.

#include <string>

#include "core/errors.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/sale_watch.hpp"
#include "extension/src/table_columns.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"
}

namespace attribution::reports {

namespace {

const TriggerData& trigger_data(FunctionCallInfo fcinfo, const char* usual) {
    if (!CALLED_AS_TRIGGER(fcinfo))
        throw error("39P01", std::string(usual) + " was not called as its trigger");
    return *reinterpret_cast<const TriggerData*>(fcinfo->context);
}

new_entry read_entry(TupleTableSlot* slot) {
    slot_getsomeattrs(slot, ledger_column::sale_key);
    const Datum* values = slot->tts_values - 1;
    return {DatumGetUUIDP(values[ledger_column::tenant_id]),
            DatumGetUUIDP(values[ledger_column::entry_id]),
            values[ledger_column::money_key],
            values[ledger_column::sale_key],
            read_text(values[ledger_column::kind]) == "capture" &&
                DatumGetInt32(values[ledger_column::step]) == 1,
            DatumGetUUIDP(values[ledger_column::event_id]),
            DatumGetTimestampTz(values[ledger_column::bucket_start])};
}

Datum queue_entries(FunctionCallInfo fcinfo) {
    const TriggerData& trigger = trigger_data(fcinfo, "queue_entries()");
    if (trigger.tg_newtable == nullptr || !TRIGGER_FIRED_AFTER(trigger.tg_event))
        throw error("39P01", "queue_entries() was not called as an AFTER INSERT statement trigger");
    const Oid schema = RelationGetNamespace(trigger.tg_relation);
    dirty_buckets touched;
    call([&] {
        Tuplestorestate* rows = trigger.tg_newtable;
        TupleTableSlot* slot =
            MakeSingleTupleTableSlot(RelationGetDescr(trigger.tg_relation), &TTSOpsMinimalTuple);
        // A place of our own: other triggers may read the same rows.
        tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
        tuplestore_rescan(rows);
        sale_watch watch(schema);
        while (tuplestore_gettupleslot(rows, true, false, slot)) {
            CHECK_FOR_INTERRUPTS();
            watch.note(read_entry(slot), touched);
        }
        watch.close();
        ExecDropSingleTupleTableSlot(slot);
    });
    touched.write(schema);
    return Datum{0};
}

Datum queue_told_sales(FunctionCallInfo fcinfo) {
    const TriggerData& trigger = trigger_data(fcinfo, "queue_told_sales()");
    if (trigger.tg_trigslot == nullptr || !TRIGGER_FIRED_FOR_ROW(trigger.tg_event))
        throw error("39P01", "queue_told_sales() was not called as an AFTER INSERT row trigger");
    const Oid schema = RelationGetNamespace(trigger.tg_relation);
    TupleTableSlot* slot = trigger.tg_trigslot;
    dirty_buckets touched;
    call([&] {
        slot_getsomeattrs(slot, event_column::channel);
        const Datum* values = slot->tts_values - 1;
        // Only these tell the channel of a sale.
        if (read_text(values[event_column::event_type]) != "conversion" ||
            DatumGetBool(values[event_column::evidence]) || slot->tts_isnull[event_column::external_id - 1])
            return;
        sale_watch watch(schema);
        watch.note(new_conversion{DatumGetUUIDP(values[event_column::tenant_id]),
                                  DatumGetUUIDP(values[event_column::event_id]), values[event_column::source],
                                  values[event_column::external_id], values[event_column::channel],
                                  DatumGetTimestampTz(values[event_column::occurred_at])},
                   touched);
        watch.close();
    });
    touched.write(schema);
    return Datum{0};
}

// The name of what has changed is the trigger's argument; the change is of no tenant and no bucket.
Datum queue_report_change(FunctionCallInfo fcinfo) {
    const TriggerData& trigger = trigger_data(fcinfo, "queue_report_change()");
    if (trigger.tg_trigger->tgnargs != 1) throw error("39P01", "queue_report_change() takes one argument");
    dirty_buckets touched;
    touched.add(pg_uuid_t{}, trigger.tg_trigger->tgargs[0], 0);
    touched.write(RelationGetNamespace(trigger.tg_relation));
    return Datum{0};
}

}  // namespace

}  // namespace attribution::reports

ATTRIBUTION_FUNCTION(attribution_queue_entries) {
    return attribution::guard([&] { return attribution::reports::queue_entries(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_queue_told_sales) {
    return attribution::guard([&] { return attribution::reports::queue_told_sales(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_forget_queued_buckets) {
    return attribution::guard([&] {
        attribution::reports::dirty_buckets::forget_queued();
        return Datum{0};
    });
}

ATTRIBUTION_FUNCTION(attribution_queue_report_change) {
    return attribution::guard([&] { return attribution::reports::queue_report_change(fcinfo); });
}
