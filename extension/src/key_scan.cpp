#include "extension/src/key_scan.hpp"

#include <algorithm>
#include <array>

#include "extension/src/datum.hpp"
#include "extension/src/table_ids.hpp"

extern "C" {
#include "access/itup.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "utils/fmgroids.h"
}

namespace attribution {

namespace {

// What the functions take by which this product compares.
Oid argument_of(Oid function) {
    switch (function) {
        case F_UUID_EQ:
        case F_UUID_GE:
        case F_UUID_LE:
            return UUIDOID;
        case F_TEXTEQ:
            return TEXTOID;
        case F_BPCHAREQ:
            return BPCHAROID;
        case F_INT4EQ:
            return INT4OID;
        case F_DATE_EQ:
            return DATEOID;
        case F_TIMESTAMPTZ_EQ:
        case F_TIMESTAMPTZ_GT:
            return TIMESTAMPTZOID;
        default:
            elog(ERROR, "no index is read by function %u", function);
    }
}

// Who runs the database may have made an index again; one that was left half made lacks rows.
Relation require_valid(Relation index) {
    if (!index->rd_index->indisvalid) {
        ereport(ERROR,
                (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                 errmsg("index %s is not valid", RelationGetRelationName(index)),
                 errhint("Make it whole: REINDEX INDEX attribution.%s;", RelationGetRelationName(index))));
    }
    return index;
}

}  // namespace

Relation open_table(Oid schema, const char* name, LOCKMODE lock) {
    const Oid table = find_relation(schema, name);
    if (!OidIsValid(table)) {
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("table %s does not exist", name),
                        errhint("Make the tables: SELECT * FROM attribution.migrate();")));
    }
    return table_open(table, lock);
}

Relation open_index(Oid schema, const char* name) {
    const Oid index = find_relation(schema, name);
    if (!OidIsValid(index)) {
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("index %s does not exist", name),
                        errhint("Make the tables: SELECT * FROM attribution.migrate();")));
    }
    return require_valid(index_open(index, AccessShareLock));
}

Relation open_primary_key(Relation table) {
    const Oid index = RelationGetPrimaryKeyIndex(table);
    if (!OidIsValid(index)) {
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                        errmsg("table %s has no valid primary key that is checked at once",
                               RelationGetRelationName(table)),
                        errhint("Make it as a database has it in which nobody changed it.")));
    }
    return index_open(index, AccessShareLock);
}

key_scan::key_scan(Relation table, Relation key, Snapshot snapshot)
    : table_(table),
      snapshot_(snapshot != nullptr ? snapshot : RegisterSnapshot(GetLatestSnapshot())),
      registered_snapshot_(snapshot == nullptr),
      index_(key != nullptr ? key : open_primary_key(table)),
      opened_index_(key == nullptr),
      slot_(table_slot_create(table, nullptr)) {}

void key_scan::require_column(int column, Oid type) {
    if (index_->rd_rel->relam == BTREE_AM_OID && column <= IndexRelationGetNumberOfKeyAttributes(index_) &&
        index_->rd_opcintype[column - 1] == type)
        return;
    ereport(ERROR,
            (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
             errmsg("index %s is not the one that pg_attribution makes", RelationGetRelationName(index_)),
             errdetail("Its column %d is another one.", column),
             errhint("Drop it, and make it as a database has it in which nobody changed it.")));
}

void key_scan::compare(int column, StrategyNumber strategy, Oid function) {
    if (conditions_ == max_conditions) elog(ERROR, "too many conditions for a scan of a key");
    require_column(column, argument_of(function));
    ScanKeyEntryInitialize(&keys_[conditions_++], 0, static_cast<AttrNumber>(column), strategy, InvalidOid,
                           index_->rd_indcollation[column - 1], function, 0);
}

void key_scan::require_null(int column, Oid type) {
    require_column(column, type);
    if (conditions_ == max_conditions) elog(ERROR, "too many conditions for a scan of a key");
    ScanKeyEntryInitialize(&keys_[conditions_++], SK_ISNULL | SK_SEARCHNULL, static_cast<AttrNumber>(column),
                           InvalidStrategy, InvalidOid, InvalidOid, InvalidOid, 0);
}

void key_scan::start(const Datum* values) {
    for (int i = 0; i < conditions_ && (keys_[i].sk_flags & SK_SEARCHNULL) == 0; ++i)
        keys_[i].sk_argument = values[i];
    if (scan_ == nullptr) scan_ = index_beginscan(table_, index_, snapshot_, conditions_, 0);
    scan_->xs_want_itup = index_first_;
    index_rescan(scan_, keys_, conditions_, nullptr, 0);
}

bool key_scan::next() {
    return index_getnext_slot(scan_, ForwardScanDirection, slot_);
}

Datum key_scan::value(int column) {
    bool is_null = false;
    const Datum value = slot_getattr(slot_, column, &is_null);
    return is_null ? Datum{0} : value;
}

bool key_scan::next_entry() {
    return index_getnext_tid(scan_, ForwardScanDirection) != nullptr;
}

bool key_scan::key(int column, Datum& value) const {
    bool is_null = false;
    value = index_getattr(scan_->xs_itup, column, scan_->xs_itupdesc, &is_null);
    return !is_null;
}

// A place that was given to another row meanwhile has none that the snapshot sees.
bool key_scan::fetch(ItemPointerData place) {
    bool has_more = false;
    return table_index_fetch_tuple(scan_->xs_heapfetch, &place, snapshot_, slot_, &has_more, nullptr);
}

void key_scan::close() {
    ExecDropSingleTupleTableSlot(slot_);
    if (scan_ != nullptr) index_endscan(scan_);
    if (opened_index_) index_close(index_, NoLock);
    if (registered_snapshot_) UnregisterSnapshot(snapshot_);
}

entry_walk::entry_walk(Relation table, Relation key) : scan_(table, key) {
    scan_.compare(1, BTEqualStrategyNumber, F_UUID_EQ);
    scan_.compare(2, BTGreaterEqualStrategyNumber, F_UUID_GE);
    scan_.compare(2, BTLessEqualStrategyNumber, F_UUID_LE);
}

void entry_walk::read_keys() {
    reads_keys_ = true;
    scan_.read_index_first();
}

void entry_walk::step() {
    has_row_ = reads_keys_ ? scan_.next_entry() : scan_.next();
}

Datum entry_walk::value(int column) {
    if (!reads_keys_) return scan_.value(column);
    Datum key = 0;
    (void)scan_.key(column, key);
    return key;
}

bool entry_walk::is_at(const pg_uuid_t& tenant, const pg_uuid_t& entry) {
    return has_row_ && compare_ids(*DatumGetUUIDP(value(2)), entry) == 0 && compare_ids(tenant_, tenant) == 0;
}

bool entry_walk::next_of(const pg_uuid_t& tenant, const pg_uuid_t& entry) {
    step();
    return is_at(tenant, entry);
}

// True when the walk is where the entry is, or would be.
bool entry_walk::walk_to(const pg_uuid_t& tenant, const pg_uuid_t& entry) {
    if (!has_range_ || compare_ids(tenant_, tenant) != 0 || compare_ids(entry, last_) > 0) {
        if (lookups_left_ > 0) {
            --lookups_left_;
        } else {
            window_ = std::min(window_ * 2, widest_window);
        }
        return false;
    }
    for (int steps = 0; has_row_ && compare_ids(*DatumGetUUIDP(value(2)), entry) < 0; ++steps) {
        if (steps == patience) {
            window_ = 1;
            lookups_left_ = lookups_before_walking;
            return false;
        }
        step();
    }
    return true;
}

void entry_walk::start(const pg_uuid_t& tenant, const pg_uuid_t& entry, const pg_uuid_t& last) {
    has_range_ = true;
    tenant_ = tenant;
    first_ = entry;
    last_ = last;
    const std::array values{UUIDPGetDatum(&tenant_), UUIDPGetDatum(&first_), UUIDPGetDatum(&last_)};
    scan_.start(values.data());
    step();
}

}  // namespace attribution
