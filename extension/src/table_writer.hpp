// Writes rows into a table as COPY writes them: many at a time, with their index entries, without the
// executor and so without triggers and row security. For tables of the product only, of rows that were looked
// at before. Everything here calls PostgreSQL: run it inside call().
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
        for (std::size_t i = 0; i < all.size(); ++i) {
            MemoryContext outer = MemoryContextSwitchTo(memory_);
            fill(begin_row(), all[i]);
            MemoryContextSwitchTo(outer);
            end_row(columns(all[i]));
        }
        flush();
    }
    template <class rows, class filler>
    void write(const rows& all, int columns, filler&& fill) {
        write(
            all, [columns](const auto&) { return columns; }, fill);
    }

    [[nodiscard]] Relation table() { return table_; }
    [[nodiscard]] Relation primary_key();

  private:
    [[nodiscard]] Datum* begin_row();
    void end_row(int columns);
    void flush();

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
