// Rows of a table by tenant and one value, through an index that begins with these. As key_scan, and not in a
// memory context that ends before it.
#pragma once

#include <array>
#include <string_view>

#include "extension/src/datum.hpp"
#include "extension/src/key_scan.hpp"

extern "C" {
#include "access/table.h"
}

namespace attribution {

class table_lookup {
  public:
    // `equals` is the function of the value's operator =.
    table_lookup(Datum tenant, Oid schema, const char* table, const char* index, Oid equals);
    void close();

    // The rows with this value, in the order of the index. `value` must live until the last next().
    void start(Datum value);
    [[nodiscard]] bool next() { return scan_.next(); }

    [[nodiscard]] key_scan& scan() { return scan_; }

    // Of the current row, until the next.
    [[nodiscard]] Datum value(int column) { return scan_.value(column); }
    [[nodiscard]] std::string_view text(int column) { return read_text(scan_.value(column)); }

  private:
    Relation table_;
    Relation index_;
    key_scan scan_;
    std::array<Datum, 2> values_;
};

}  // namespace attribution
