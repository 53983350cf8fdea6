// The worker of a database: calls attribution.maintain() and the parts of attribution.refresh_reports() as
// attribution_maintainer, again and again.

#include <algorithm>

#include "extension/src/maintenance.hpp"

extern "C" {
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timeout.h"

PGDLLEXPORT void attribution_maintenance_main(Datum database);
}

namespace attribution::maintenance {

namespace {

constexpr const char* role_name = "attribution_maintainer";
constexpr long longest_wait_ms = 60000;

enum class outcome { worked, nothing_pending, failed, not_installed };

// Rows of dirty_buckets that folding takes at most.
constexpr int full_batch = 20000;

// What is called in turn, each in transactions of its own, so that none waits for what another has to do or
// fails to do. The last two are the parts of attribution.refresh_reports().
struct task {
    const char* statement;  // $1 is full_batch
    const char* schema;
    const char* function;
    int arguments;      // all of them integers
    const char* table;  // the newest one that it needs
    int64 enough;       // when it does less, it is left alone for the interval
    // What a crash takes back is done again, from the queue that it brings back. So nobody waits for the
    // disk.
    bool repeatable;
    TimestampTz next = 0;
    long wait_after_failure_ms = 0;
};
// Less than a full batch was all that could be folded: again at once would be for the few rows that came
// meanwhile, again and again.
task tasks[] = {
    {.statement = "SELECT attribution.maintain()",
     .schema = "attribution",
     .function = "maintain",
     .arguments = 1,
     .table = "schema_migrations",
     .enough = 1,
     .repeatable = false},
    {.statement = "SELECT attribution_internal.fold_rollups($1)",
     .schema = "attribution_internal",
     .function = "fold_rollups",
     .arguments = 1,
     .table = "report_builds",
     .enough = full_batch,
     .repeatable = true},
    {.statement = "SELECT attribution_internal.refresh_materialized_view()",
     .schema = "attribution_internal",
     .function = "refresh_materialized_view",
     .arguments = 0,
     .table = "mv_reconciliation_status",
     .enough = 1,
     .repeatable = true},
};

// For good: neither RESET, nor a setting of the role or in the configuration changes it.
void fix_setting(const char* name, const char* value) {
    SetConfigOption(name, value, PGC_SUSET, PGC_S_OVERRIDE);
}

// As if the role had connected; more particular ones come last. What is set for the bootstrap superuser and
// not for this role stays.
void apply_settings_of(Oid role) {
    Relation settings = table_open(DbRoleSettingRelationId, AccessShareLock);
    Snapshot snapshot = RegisterSnapshot(GetCatalogSnapshot(DbRoleSettingRelationId));
    ApplySetting(snapshot, InvalidOid, role, settings, PGC_S_DATABASE_USER);
    ApplySetting(snapshot, MyDatabaseId, role, settings, PGC_S_DATABASE_USER);
    UnregisterSnapshot(snapshot);
    table_close(settings, AccessShareLock);
}

// In pg_stat_activity, and for those who may end processes of this role only.
void show_role(Oid role) {
    MyProc->roleId = role;
    PGSTAT_BEGIN_WRITE_ACTIVITY(MyBEEntry);
    MyBEEntry->st_userid = role;
    PGSTAT_END_WRITE_ACTIVITY(MyBEEntry);
}

// Until PostgreSQL 16 nobody can connect as a role without LOGIN, not even a background worker. So it
// connects as the bootstrap superuser, and changes before it does anything else.
bool become_maintainer() {
    StartTransactionCommand();
    const Oid role = get_role_oid(role_name, true);
    if (OidIsValid(role)) {
        fix_setting("session_authorization", role_name);
        if (GetSessionUserId() != role || GetUserId() != role) elog(FATAL, "could not become %s", role_name);
        apply_settings_of(role);
        fix_setting("application_name", MyBgworkerEntry->bgw_type);
        fix_setting("search_path", "pg_catalog, pg_temp");
        fix_setting("default_transaction_isolation", "read committed");
        fix_setting("default_transaction_read_only", "off");
        // As in refresh_reports(): compiling takes longer than what it is for.
        fix_setting("jit", "off");
        // They would connect as the bootstrap superuser again.
        fix_setting("max_parallel_workers_per_gather", "0");
        show_role(role);
    }
    CommitTransactionCommand();
    return OidIsValid(role);
}

bool is_installed(const task& which) {
    const Oid tables = get_namespace_oid("attribution", true);
    const Oid functions = get_namespace_oid(which.schema, true);
    if (!OidIsValid(tables) || !OidIsValid(functions) ||
        !OidIsValid(get_extension_oid("pg_attribution", true)))
        return false;
    const Oid arguments[] = {INT4OID};
    return OidIsValid(get_relname_relid(which.table, tables)) &&
           SearchSysCacheExists3(PROCNAMEARGSNSP, CStringGetDatum(which.function),
                                 PointerGetDatum(buildoidvector(arguments, which.arguments)),
                                 ObjectIdGetDatum(functions));
}

int64 run_statement(const char* statement) {
    debug_query_string = statement;
    pgstat_report_activity(STATE_RUNNING, statement);
    if (StatementTimeout > 0) enable_timeout_after(STATEMENT_TIMEOUT, StatementTimeout);
    SPI_connect();
    PushActiveSnapshot(GetTransactionSnapshot());
    Oid types[] = {INT4OID};
    Datum values[] = {Int32GetDatum(full_batch)};
    if (SPI_execute_with_args(statement, 1, types, values, nullptr, false, 0) != SPI_OK_SELECT ||
        SPI_processed != 1)
        elog(ERROR, "%s did not return a row", statement);
    bool is_null = false;
    const int64 items =
        DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
    SPI_finish();
    PopActiveSnapshot();
    disable_timeout(STATEMENT_TIMEOUT, false);
    return items;
}

void name_worker(void* /*unused*/) {
    errcontext("background worker \"%s\"", MyBgworkerEntry->bgw_name);
}

// A transaction. In it nothing can change the session's user back: the flag is the one by which definer
// functions forbid that, here until the commit is done.
outcome run(const task& which) {
    ErrorContextCallback context = {error_context_stack, name_worker, nullptr};
    error_context_stack = &context;
    SetCurrentStatementStartTimestamp();
    StartTransactionCommand();
    const Oid role = GetSessionUserId();
    SetUserIdAndSecContext(role, SECURITY_LOCAL_USERID_CHANGE);
    outcome result = outcome::not_installed;
    if (which.repeatable)
        (void)set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL,
                                true, 0, false);
    if (is_installed(which))
        result = run_statement(which.statement) >= which.enough ? outcome::worked : outcome::nothing_pending;
    CommitTransactionCommand();
    SetUserIdAndSecContext(role, 0);
    error_context_stack = context.previous;
    return result;
}

void end_failed_transaction() {
    HOLD_INTERRUPTS();
    disable_all_timeouts(false);
    EmitErrorReport();
    AbortCurrentTransaction();
    FlushErrorState();
    RESUME_INTERRUPTS();
}

outcome try_task(const task& which) {
    volatile outcome result = outcome::failed;
    PG_TRY();
    { result = run(which); }
    PG_CATCH();
    { end_failed_transaction(); }
    PG_END_TRY();
    debug_query_string = nullptr;
    pgstat_report_stat(true);
    pgstat_report_activity(STATE_IDLE, nullptr);
    return result;
}

// Does what is due, and says when something is again.
TimestampTz do_tasks() {
    TimestampTz next = DT_NOEND;
    for (task& each : tasks) {
        if (each.next <= GetCurrentTimestamp()) {
            const outcome result = try_task(each);
            // Of what came with a later migration, that is no reason to go.
            if (result == outcome::not_installed && &each == &tasks[0]) proc_exit(0);
            long wait = result == outcome::worked ? 0 : interval_ms;
            if (result == outcome::failed) {
                wait = std::min(std::max<long>(interval_ms, 2 * each.wait_after_failure_ms), longest_wait_ms);
                each.wait_after_failure_ms = wait;
                wait = std::max<long>(interval_ms, wait);
            } else {
                each.wait_after_failure_ms = 0;
            }
            each.next = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), wait);
        }
        next = std::min(next, each.next);
    }
    return next;
}

// It looks up every second, to be gone before those who wait for its database give up. After a changed
// configuration everything is due.
void wait_until(TimestampTz next) {
    for (;;) {
        const bool reloaded = heed_signals(0);
        if (!enabled || is_wanted_by_others(MyDatabaseId)) proc_exit(0);
        if (reloaded)
            for (task& each : tasks) each.next = 0;
        const long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next);
        if (reloaded || left <= 0) return;
        sleep_ms(std::min(left, 1000L));
    }
}

}  // namespace

}  // namespace attribution::maintenance

void attribution_maintenance_main(Datum database) {
    using namespace attribution::maintenance;
    accept_signals();
    step_back(nice_value);
    BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid, 0);
    if (!become_maintainer()) proc_exit(0);

    for (;;) wait_until(do_tasks());
}
