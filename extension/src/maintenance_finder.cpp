// The finder: lives for a moment in any database and tells the launcher which ones have our tables. The
// dependencies of roles, a catalogue of the whole cluster, know that; but who is connected to no database
// cannot read them. So databases without the extension never see a process of ours, and a database that gets
// tables, by migrate() or from a dump, is noticed at the next look.

#include "extension/src/maintenance.hpp"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_shdepend.h"
#include "storage/ipc.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"

PGDLLEXPORT void attribution_finder_main(Datum memory);
}

namespace attribution::maintenance {

namespace {

void add(found_databases& found, Oid database) {
    for (int i = 0; i < found.count; ++i)
        if (found.databases[i] == database) return;
    if (found.count < max_worker_processes) found.databases[found.count++] = database;
}

// The databases with a table, or what is like one, that belongs to the role.
void find_tables_of(Oid owner, found_databases& found) {
    ScanKeyData keys[2];
    ScanKeyInit(&keys[0], Anum_pg_shdepend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(AuthIdRelationId));
    ScanKeyInit(&keys[1], Anum_pg_shdepend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(owner));
    Relation dependencies = table_open(SharedDependRelationId, AccessShareLock);
    SysScanDesc scan = systable_beginscan(dependencies, SharedDependReferenceIndexId, true, nullptr, 2, keys);
    while (HeapTuple row = systable_getnext(scan)) {
        auto* dependency = reinterpret_cast<Form_pg_shdepend>(GETSTRUCT(row));
        if (dependency->classid == RelationRelationId && dependency->deptype == SHARED_DEPENDENCY_OWNER)
            add(found, dependency->dbid);
    }
    systable_endscan(scan);
    table_close(dependencies, AccessShareLock);
}

}  // namespace

}  // namespace attribution::maintenance

// bgw_extra has the database to connect to.
void attribution_finder_main(Datum memory) {
    using namespace attribution::maintenance;
    accept_signals();
    Oid database = InvalidOid;
    memcpy(&database, MyBgworkerEntry->bgw_extra, sizeof database);
    BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
    dsm_segment* segment = dsm_attach(DatumGetUInt32(memory));
    if (segment == nullptr) proc_exit(0);  // the launcher is gone

    StartTransactionCommand();
    const Oid owner = get_role_oid("attribution_owner", true);
    if (OidIsValid(owner))
        find_tables_of(owner, *static_cast<found_databases*>(dsm_segment_address(segment)));
    CommitTransactionCommand();
    proc_exit(0);
}
