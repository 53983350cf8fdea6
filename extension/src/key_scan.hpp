// Reads a table by its primary key or another index without the executor, whose start costs a small statement
// as much as its work. Everything here calls PostgreSQL and owns nothing with a destructor: run it inside
// call(). What an error leaves open ends with the transaction.
#pragma once

#include "extension/src/compat.hpp"

extern "C" {
#include "access/genam.h"
#include "access/relscan.h"
#include "access/skey.h"
#include "executor/tuptable.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace attribution {

// A table of the product by name.
[[nodiscard]] Relation open_table(Oid schema, const char* name, LOCKMODE lock);

// An index of a table of the product by name.
[[nodiscard]] Relation open_index(Oid schema, const char* name);
[[nodiscard]] Relation open_primary_key(Relation table);

// Sees what is committed now, and what the transaction did itself, whatever its isolation level; or what
// another snapshot sees.
class key_scan {
  public:
    // `key` is an index that the caller has open, else the one of the primary key is opened. `snapshot` is
    // the caller's too.
    explicit key_scan(Relation table, Relation key = nullptr, Snapshot snapshot = nullptr);
    void close();

    // Adds a condition on a column of the key, from 1: `function` is the one of the operator.
    void compare(int column, StrategyNumber strategy, Oid function);
    // Adds the condition that a column of the key is NULL, after all that have values.
    void require_null(int column, Oid type);
    // An error when the index has another column there: for who reads what it compares nothing with.
    void require_column(int column, Oid type);

    // Starts anew; one value for each condition that compares. They must live until the last next().
    void start(const Datum* values);
    [[nodiscard]] bool next();

    [[nodiscard]] Datum value(int column);  // from 1; 0 when it is NULL

    // In two steps: entries of the index, whose rows may be gone, then rows in the order in which they lie in
    // the table, which is much faster for many. Before the first start() it says so.
    void read_index_first() { index_first_ = true; }
    [[nodiscard]] bool next_entry();
    [[nodiscard]] ItemPointerData place() const { return scan_->xs_heaptid; }
    // Of the entry, a column of the index; false when it is NULL.
    [[nodiscard]] bool key(int column, Datum& value) const;
    // Whether there is a row, then the current one.
    [[nodiscard]] bool fetch(ItemPointerData place);

    [[nodiscard]] TupleTableSlot* row() { return slot_; }
    [[nodiscard]] Snapshot snapshot() { return snapshot_; }

  private:
    static constexpr int max_conditions = 6;

    Relation table_;
    Snapshot snapshot_;
    bool registered_snapshot_;
    Relation index_;
    bool opened_index_;
    bool index_first_ = false;
    TupleTableSlot* slot_;
    IndexScanDesc scan_ = nullptr;
    int conditions_ = 0;
    ScanKeyData keys_[max_conditions];
};

// Walks over the rows of entries in a table whose key begins with (tenant_id, entry_id). Entries must be
// asked for in ascending order. Where they are neighbours in the table too, the walk steps from one to the
// next instead of looking each up.
class entry_walk {
  public:
    explicit entry_walk(Relation table, Relation key = nullptr);
    void close() { scan_.close(); }

    // Whether the entry has a row, then the current one. `ahead` gives entries of the same tenant that will
    // be asked for: ahead(n) is the n-th from this one on, or the last.
    template <class look_ahead>
    [[nodiscard]] bool find(const pg_uuid_t& tenant, const pg_uuid_t& entry, look_ahead&& ahead) {
        if (walk_to(tenant, entry)) return is_at(tenant, entry);
        start(tenant, entry, ahead(window_));
        return is_at(tenant, entry);
    }
    // The next row of the same entry.
    [[nodiscard]] bool next_of(const pg_uuid_t& tenant, const pg_uuid_t& entry);
    [[nodiscard]] Datum value(int column);

    // Before the first find(): value() is of columns of the key, whose row may be gone, and of which only
    // those are looked up that are asked for.
    void read_keys();
    [[nodiscard]] bool has_row() { return scan_.fetch(scan_.place()); }

  private:
    // Rows of others that are stepped over before a look-up is cheaper; look-ups before walking is tried
    // again.
    static constexpr int patience = 4;
    static constexpr int lookups_before_walking = 64;
    static constexpr int widest_window = 256;

    [[nodiscard]] bool walk_to(const pg_uuid_t& tenant, const pg_uuid_t& entry);
    void start(const pg_uuid_t& tenant, const pg_uuid_t& entry, const pg_uuid_t& last);
    void step();
    [[nodiscard]] bool is_at(const pg_uuid_t& tenant, const pg_uuid_t& entry);

    key_scan scan_;
    bool reads_keys_ = false;
    bool has_row_ = false;
    // The range of the scan: entries up to last_ of tenant_.
    bool has_range_ = false;
    pg_uuid_t tenant_{};
    pg_uuid_t first_{};
    pg_uuid_t last_{};
    int window_ = 1;
    int lookups_left_ = 0;
};

}  // namespace attribution
