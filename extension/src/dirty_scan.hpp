// Reads rows by an index, also those that other transactions have not committed. Run it inside call().
#pragma once

#include <initializer_list>

#include "extension/src/index_lookup.hpp"

namespace attribution {

class dirty_scan {
  public:
    // As index_lookup.
    dirty_scan(Oid schema, const char* table, const char* index, std::initializer_list<Oid> equals);
    dirty_scan(const dirty_scan&) = delete;
    dirty_scan& operator=(const dirty_scan&) = delete;
    ~dirty_scan() = default;
    void close() { rows_.close(); }

    void start(const Datum* values) { rows_.start(values); }
    [[nodiscard]] bool next() { return rows_.next(); }
    // Whether the row is another transaction's, which may still fail.
    [[nodiscard]] bool is_pending() const { return TransactionIdIsValid(snapshot_.xmin); }
    [[nodiscard]] Datum value(int column) { return rows_.value(column); }

  private:
    SnapshotData snapshot_;
    index_lookup rows_;
};

}  // namespace attribution
