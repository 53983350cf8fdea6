// Reads rows by an index, also those that other transactions have not committed. Everything here calls
// PostgreSQL and owns nothing: run it inside call().
#pragma once

#include <initializer_list>

#include "extension/src/key_scan.hpp"

namespace attribution {

class dirty_scan {
  public:
    // Without a name the index is that of the primary key. `equals` are the functions of the `=` of its first
    // columns, one for each condition.
    dirty_scan(Oid schema, const char* table, const char* index, std::initializer_list<Oid> equals);
    dirty_scan(const dirty_scan&) = delete;
    dirty_scan& operator=(const dirty_scan&) = delete;
    ~dirty_scan() = default;
    void close();

    // Starts anew; one value for each condition. They must live until the last next().
    void start(const Datum* values) { scan_.start(values); }
    [[nodiscard]] bool next() { return scan_.next(); }
    // Whether the row is another transaction's, which may still fail.
    [[nodiscard]] bool is_pending() const { return TransactionIdIsValid(snapshot_.xmin); }
    [[nodiscard]] Datum value(int column) { return scan_.value(column); }

  private:
    Relation table_;
    Relation index_;
    SnapshotData snapshot_;
    key_scan scan_;
};

}  // namespace attribution
