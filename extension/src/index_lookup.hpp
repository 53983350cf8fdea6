// Rows of a table by the first columns of an index, each equal to a value. As key_scan: run it inside call().
#pragma once

#include <initializer_list>

#include "extension/src/key_scan.hpp"

namespace attribution {

class index_lookup {
  public:
    // Without a name the index is that of the primary key. `equals` are the functions of the `=` of its first
    // columns, one for each condition.
    index_lookup(Oid schema, const char* table, const char* index, std::initializer_list<Oid> equals,
                 Snapshot snapshot);
    void close();

    // Starts anew; one value for each condition. They must live until the last next().
    void start(const Datum* values) { scan_.start(values); }
    [[nodiscard]] bool next() { return scan_.next(); }

    // Of the current row.
    [[nodiscard]] Datum value(int column) { return scan_.value(column); }
    [[nodiscard]] bool is_null(int column) { return slot_attisnull(scan_.row(), column); }
    [[nodiscard]] ItemPointerData place() { return scan_.row()->tts_tid; }

  private:
    Relation table_;
    Relation index_;
    key_scan scan_;
};

}  // namespace attribution
