#include "extension/src/dirty_scan.hpp"

namespace attribution {

namespace {

SnapshotData make_dirty_snapshot() {
    SnapshotData snapshot{};
    InitDirtySnapshot(snapshot);
    return snapshot;
}

}  // namespace

dirty_scan::dirty_scan(Oid schema, const char* table, const char* index, std::initializer_list<Oid> equals)
    : snapshot_(make_dirty_snapshot()), rows_(schema, table, index, equals, &snapshot_) {}

}  // namespace attribution
