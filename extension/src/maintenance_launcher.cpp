// The launcher: sees to it that each database with our tables has a worker.

#include "extension/src/maintenance.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "storage/ipc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

PGDLLEXPORT void attribution_launcher_main(Datum unused);
}

namespace attribution::maintenance {

namespace {

struct database {
    Oid id;
    NameData name;
};

struct served_database {
    Oid id;
    BackgroundWorkerHandle* worker;
};

served_database* served = nullptr;  // max_worker_processes of them; worker is null where there never was one
dsm_segment* shared_memory = nullptr;
bool short_of_workers = false;  // in this look
bool told_so = false;           // since it was otherwise

found_databases& found() {
    return *static_cast<found_databases*>(dsm_segment_address(shared_memory));
}

// Without the launcher nobody knows these workers, and its successor starts others.
void stop_workers(int /*code*/, Datum /*unused*/) {
    for (int i = 0; i < max_worker_processes; ++i)
        if (served[i].worker != nullptr) TerminateBackgroundWorker(served[i].worker);
}

// Those that one can connect to, in `context`.
List* list_databases(MemoryContext context) {
    List* databases = NIL;
    StartTransactionCommand();
    (void)GetTransactionSnapshot();
    Relation relation = table_open(DatabaseRelationId, AccessShareLock);
    TableScanDesc scan = table_beginscan_catalog(relation, 0, nullptr);
    while (HeapTuple row = heap_getnext(scan, ForwardScanDirection)) {
        auto* form = reinterpret_cast<Form_pg_database>(GETSTRUCT(row));
        if (!form->datallowconn || form->datistemplate || database_is_invalid_form(form)) continue;
        auto* entry = static_cast<database*>(MemoryContextAlloc(context, sizeof(database)));
        *entry = {form->oid, form->datname};
        MemoryContext outer = MemoryContextSwitchTo(context);
        databases = lappend(databases, entry);
        MemoryContextSwitchTo(outer);
    }
    table_endscan(scan);
    table_close(relation, AccessShareLock);
    CommitTransactionCommand();
    return databases;
}

BackgroundWorkerHandle* start(BackgroundWorker& worker) {
    BackgroundWorkerHandle* handle = nullptr;
    MemoryContext outer = MemoryContextSwitchTo(TopMemoryContext);
    if (!RegisterDynamicBackgroundWorker(&worker, &handle)) {
        short_of_workers = true;
        if (!told_so) {
            told_so = true;
            ereport(WARNING,
                    (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
                     errmsg("\"%s\" cannot start: all background workers are in use", worker.bgw_name),
                     errhint("Raise max_worker_processes, which is %d. It is tried again every %d s "
                             "(attribution.maintenance_naptime).",
                             max_worker_processes, naptime_s)));
        }
    }
    MemoryContextSwitchTo(outer);
    return handle;
}

// A finder fills `found`, and is waited for.
void find_databases(const database& home) {
    found().count = 0;
    BackgroundWorker worker = describe_worker("attribution_finder_main", "pg_attribution finder", nullptr);
    worker.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(shared_memory));
    worker.bgw_notify_pid = MyProcPid;
    memcpy(worker.bgw_extra, &home.id, sizeof home.id);
    BackgroundWorkerHandle* handle = start(worker);
    if (handle == nullptr) return;
    if (WaitForBackgroundWorkerShutdown(handle) == BGWH_POSTMASTER_DIED) proc_exit(1);
    pfree(handle);
}

bool has_worker(const served_database& entry) {
    pid_t pid = 0;
    return entry.worker != nullptr && GetBackgroundWorkerPid(entry.worker, &pid) != BGWH_STOPPED;
}

void serve(const database& wanted) {
    served_database* free_entry = nullptr;
    for (int i = 0; i < max_worker_processes; ++i) {
        if (!has_worker(served[i])) {
            free_entry = &served[i];
        } else if (served[i].id == wanted.id) {
            return;
        }
    }
    if (free_entry == nullptr) return;
    BackgroundWorker worker =
        describe_worker("attribution_maintenance_main", "pg_attribution maintenance", NameStr(wanted.name));
    worker.bgw_main_arg = ObjectIdGetDatum(wanted.id);
    BackgroundWorkerHandle* handle = start(worker);
    if (handle == nullptr) return;
    if (free_entry->worker != nullptr) pfree(free_entry->worker);
    *free_entry = {wanted.id, handle};
}

bool is_found(Oid id) {
    for (int i = 0; i < found().count; ++i)
        if (found().databases[i] == id) return true;
    return false;
}

// Each time the finder goes to another database, lest one that nobody can connect to stops it all.
void look(MemoryContext context) {
    static unsigned looks = 0;
    List* databases = list_databases(context);
    if (databases == NIL) return;
    short_of_workers = false;
    const auto* home =
        static_cast<database*>(list_nth(databases, static_cast<int>(looks++ % list_length(databases))));
    if (is_wanted_by_others(home->id)) return;
    find_databases(*home);
    ListCell* cell = nullptr;
    foreach (cell, databases) {
        const auto* each = static_cast<database*>(lfirst(cell));
        if (is_found(each->id) && !is_wanted_by_others(each->id)) serve(*each);
    }
    if (!short_of_workers) told_so = false;
}

}  // namespace

void register_launcher() {
    if (IsBinaryUpgrade) return;
    BackgroundWorker worker =
        describe_worker("attribution_launcher_main", "pg_attribution launcher", nullptr);
    worker.bgw_restart_time = 5;
    RegisterBackgroundWorker(&worker);
}

}  // namespace attribution::maintenance

void attribution_launcher_main(Datum /*unused*/) {
    using namespace attribution::maintenance;
    accept_signals();
    BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);
    served = static_cast<served_database*>(
        MemoryContextAllocZero(TopMemoryContext, sizeof(served_database) * max_worker_processes));
    shared_memory = dsm_create(offsetof(found_databases, databases) + sizeof(Oid) * max_worker_processes, 0);
    before_shmem_exit(stop_workers, 0);
    MemoryContext context =
        AllocSetContextCreate(TopMemoryContext, "pg_attribution launcher", ALLOCSET_DEFAULT_SIZES);

    TimestampTz next_look = GetCurrentTimestamp();
    for (;;) {
        // Not 0, after which the postmaster would not start it again.
        if (heed_signals(1)) next_look = GetCurrentTimestamp();
        const long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next_look);
        if (left > 0) {
            sleep_ms(left);
            continue;
        }
        if (enabled) look(context);
        MemoryContextReset(context);
        next_look = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), naptime_s * 1000L);
    }
}
