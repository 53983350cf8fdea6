#include "extension/src/table_writer.hpp"

#include <algorithm>

#include "extension/src/key_scan.hpp"

extern "C" {
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "utils/snapmgr.h"
}

namespace attribution {

namespace {

// A slot costs more than a row: as many as rows of a page, so that a page is written at once.
constexpr std::size_t most_slots = 64;
// From so many on, new pages come from a ring of buffers instead of pushing others out.
constexpr std::size_t bulk = 1000;

}  // namespace

table_writer::table_writer(Oid schema, const char* table, std::size_t rows)
    : table_(open_table(schema, table, RowExclusiveLock)),
      state_(CreateExecutorState()),
      slot_count_(std::clamp(rows, std::size_t{1}, most_slots)),
      command_(GetCurrentCommandId(true)),
      bulk_(rows > bulk ? GetBulkInsertState() : nullptr),
      memory_(AllocSetContextCreate(CurrentMemoryContext, "rows to write", ALLOCSET_DEFAULT_SIZES)) {
    // What is not closed ends with the state.
    MemoryContext outer = MemoryContextSwitchTo(state_->es_query_cxt);
    // Of what InitResultRelInfo() finds out, indexes need nothing more.
    indexes_ = makeNode(ResultRelInfo);
    indexes_->ri_RangeTableIndex = 1;
    indexes_->ri_RelationDesc = table_;
    ExecOpenIndices(indexes_, false);
    slots_ = static_cast<TupleTableSlot**>(palloc(sizeof(TupleTableSlot*) * slot_count_));
    for (std::size_t i = 0; i < slot_count_; ++i) slots_[i] = table_slot_create(table_, nullptr);
    MemoryContextSwitchTo(outer);
}

// A column of somebody else's.
void table_writer::require_nullable(const FormData_pg_attribute& column) {
    if (column.attisdropped || !(column.attnotnull || column.attgenerated != '\0')) return;
    ereport(
        ERROR,
        (errcode(ERRCODE_NOT_NULL_VIOLATION),
         errmsg("table %s has a column that pg_attribution does not fill: %s",
                RelationGetRelationName(table_), NameStr(column.attname)),
         errhint("Let it be NULL, or drop it. What is written to this table is in docs/maintenance.md.")));
}

TupleTableSlot* table_writer::begin_row(int columns) {
    TupleTableSlot* slot = slots_[filled_];
    for (int i = columns; i < slot->tts_tupleDescriptor->natts; ++i)
        require_nullable(*TupleDescAttr(slot->tts_tupleDescriptor, i));
    ExecClearTuple(slot);
    std::fill_n(slot->tts_isnull, slot->tts_tupleDescriptor->natts, true);
    std::fill_n(slot->tts_isnull, columns, false);
    return slot;
}

void table_writer::end_row() {
    ExecStoreVirtualTuple(slots_[filled_]);
    if (++filled_ == slot_count_) flush();
}

void table_writer::flush() {
    if (filled_ == 0) return;
    MemoryContext outer = MemoryContextSwitchTo(memory_);
    table_multi_insert(table_, slots_, static_cast<int>(filled_), command_, 0, bulk_);
    MemoryContextSwitchTo(outer);
    for (std::size_t i = 0; i < filled_; ++i) {
        CHECK_FOR_INTERRUPTS();
        compat::insert_index_tuples(indexes_, slots_[i], state_);
        ResetPerTupleExprContext(state_);
    }
    for (std::size_t i = 0; i < filled_; ++i) ExecClearTuple(slots_[i]);
    filled_ = 0;
    MemoryContextReset(memory_);
}

// A row whose indexes know no new value finds its place on the page of the old one, mostly: nothing to do
// then.
void table_writer::end_update(ItemPointerData place) {
    TupleTableSlot* row = slots_[filled_];
    ExecStoreVirtualTuple(row);
    compat::update_row(indexes_, &place, row, state_, GetActiveSnapshot());
    ResetPerTupleExprContext(state_);
    ExecClearTuple(row);
}

void table_writer::remove(ItemPointerData place) {
    simple_table_tuple_delete(table_, &place, GetActiveSnapshot());
}

void table_writer::close() {
    // The last first, as whoever owns them looks for them.
    for (std::size_t i = slot_count_; i > 0; --i) ExecDropSingleTupleTableSlot(slots_[i - 1]);
    if (bulk_ != nullptr) FreeBulkInsertState(bulk_);
    compat::close_indexes(indexes_);
    FreeExecutorState(state_);
    MemoryContextDelete(memory_);
    table_close(table_, NoLock);
}

}  // namespace attribution
