#include "extension/src/dirty_scan.hpp"

extern "C" {
#include "access/table.h"
}

namespace attribution {

namespace {

SnapshotData make_dirty_snapshot() {
    SnapshotData snapshot{};
    InitDirtySnapshot(snapshot);
    return snapshot;
}

}  // namespace

dirty_scan::dirty_scan(Oid schema, const char* table, const char* index, std::initializer_list<Oid> equals)
    : table_(open_table(schema, table, AccessShareLock)),
      index_(index != nullptr ? open_index(schema, index)
                              : index_open(RelationGetPrimaryKeyIndex(table_), AccessShareLock)),
      snapshot_(make_dirty_snapshot()),
      scan_(table_, index_, &snapshot_) {
    int column = 0;
    for (const Oid function : equals) scan_.compare(++column, BTEqualStrategyNumber, function);
}

void dirty_scan::close() {
    scan_.close();
    index_close(index_, NoLock);
    table_close(table_, NoLock);
}

}  // namespace attribution
