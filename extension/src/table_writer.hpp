// Writes rows into a table as COPY writes them: many at a time, with their index entries, without the
// executor and so without triggers, row security, defaults and CHECK constraints. For tables of the product
// only, of rows that were looked at before. Everything here calls PostgreSQL: run it inside call().
#pragma once

#include <cstddef>

#include "extension/src/compat.hpp"

extern "C" {
#include "access/heapam.h"
#include "nodes/execnodes.h"
#include "utils/rel.h"
}

namespace attribution {

class table_writer {
  public:
    // Room for as many rows as are written at a time.
    table_writer(Oid schema, const char* table, std::size_t rows);
    void close();

    // `fill(values, row)` sets the columns of a row from the first on; the first `columns(row)` are NOT NULL,
    // what the table has besides is NULL. What it allocates is given back when the rows are written.
    template <class rows, class counter, class filler>
    void write(const rows& all, counter&& columns, filler&& fill) {
        for (std::size_t i = 0; i < all.size(); ++i)
            add(columns(all[i]), [&](Datum* values, bool*) { fill(values, all[i]); });
        flush();
    }
    template <class rows, class filler>
    void write(const rows& all, int columns, filler&& fill) {
        write(
            all, [columns](const auto&) { return columns; }, fill);
    }

    // One row; `fill(values, nulls)` sets its columns, and of the first `columns` those that are NULL. It is
    // written with the last of those that there is room for, or by flush().
    template <class filler>
    void add(int columns, filler&& fill) {
        TupleTableSlot* row = begin_row(columns);
        MemoryContext outer = MemoryContextSwitchTo(memory_);
        fill(row->tts_values, row->tts_isnull);
        MemoryContextSwitchTo(outer);
        end_row();
    }
    void flush();

    // Puts a row, filled as by add(), in the place of one that is not just added. What it allocates is given
    // back at once.
    template <class filler>
    void update(ItemPointerData place, int columns, filler&& fill) {
        TupleTableSlot* row = begin_row(columns);
        MemoryContext outer = MemoryContextSwitchTo(GetPerTupleMemoryContext(state_));
        fill(row->tts_values, row->tts_isnull);
        MemoryContextSwitchTo(outer);
        end_update(place);
    }
    void remove(ItemPointerData place);

    [[nodiscard]] Relation table() { return table_; }

  private:
    void require_nullable(const FormData_pg_attribute& column);
    [[nodiscard]] TupleTableSlot* begin_row(int columns);
    void end_row();
    void end_update(ItemPointerData place);

    Relation table_;
    EState* state_;
    ResultRelInfo* indexes_;
    TupleTableSlot** slots_;
    std::size_t slot_count_;
    std::size_t filled_ = 0;
    CommandId command_;
    BulkInsertState bulk_;
    MemoryContext memory_;
};

}  // namespace attribution
