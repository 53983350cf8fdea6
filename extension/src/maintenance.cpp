// What launcher, finder and workers share: settings, signals, and getting out of the way.

#include "extension/src/maintenance.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "extension/src/compat.hpp"

extern "C" {
#include "catalog/pg_database.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "tcop/tcopprot.h"
#include "utils/wait_event.h"
}

namespace attribution::maintenance {

bool enabled = true;
int interval_ms = 1000;
int naptime_s = 10;
int nice_value = 10;

// How old a materialized view may be; read by attribution.refresh_reports().
static void define_report_settings() {
    static struct {
        const char* name;
        int seconds;
    } intervals[] = {{"attribution.mv_realtime_revenue_interval", 5 * 60},
                     {"attribution.mv_daily_revenue_summary_interval", 15 * 60},
                     {"attribution.mv_channel_performance_interval", 15 * 60},
                     {"attribution.mv_allocation_summary_interval", 15 * 60},
                     {"attribution.mv_reconciliation_status_interval", 5 * 60}};
    for (auto& interval : intervals)
        DefineCustomIntVariable(
            interval.name,
            "How often the materialized view is built again at most, when what it shows has changed.",
            "-1 never.", &interval.seconds, interval.seconds, -1, 366 * 24 * 60 * 60, PGC_SUSET,
            GUC_NOT_IN_SAMPLE | GUC_UNIT_S, nullptr, nullptr, nullptr);
}

void define_settings() {
    DefineCustomBoolVariable("attribution.maintenance",
                             "Whether background workers keep allocations and reports current.",
                             "They exist only when pg_attribution is in shared_preload_libraries.", &enabled,
                             true, PGC_SIGHUP, GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("attribution.maintenance_interval",
                            "How long a background worker sleeps when nothing is pending.", nullptr,
                            &interval_ms, 1000, 10, 60 * 60 * 1000, PGC_SIGHUP,
                            GUC_NOT_IN_SAMPLE | GUC_UNIT_MS, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("attribution.maintenance_naptime",
                            "How often the launcher looks for databases that have no background worker.",
                            nullptr, &naptime_s, 10, 1, 60 * 60, PGC_SIGHUP, GUC_NOT_IN_SAMPLE | GUC_UNIT_S,
                            nullptr, nullptr, nullptr);
    DefineCustomIntVariable(
        "attribution.maintenance_nice",
        "How far a background worker steps back for others that want a processor.",
        "The nice value that it gives itself, 19 the farthest; holds for workers that start afterwards.",
        &nice_value, 10, 0, 19, PGC_SIGHUP, GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
    define_report_settings();
}

BackgroundWorker describe_worker(const char* main_function, const char* type, const char* database_name) {
    BackgroundWorker worker{};
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    snprintf(worker.bgw_library_name, sizeof worker.bgw_library_name, "pg_attribution");
    snprintf(worker.bgw_function_name, sizeof worker.bgw_function_name, "%s", main_function);
    snprintf(worker.bgw_type, sizeof worker.bgw_type, "%s", type);
    snprintf(worker.bgw_name, sizeof worker.bgw_name, "%s%s%s", type, database_name == nullptr ? "" : " in ",
             database_name == nullptr ? "" : database_name);
    return worker;
}

void accept_signals() {
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
}

bool heed_signals(int exit_code) {
    // Quietly: ProcessInterrupts() would log FATAL for each worker whenever the server stops.
    if (ProcDiePending) proc_exit(exit_code);
    // There is no statement any more that it was meant for.
    QueryCancelPending = false;
    CHECK_FOR_INTERRUPTS();
    if (!ConfigReloadPending) return false;
    ConfigReloadPending = false;
    ProcessConfigFile(PGC_SIGHUP);
    return true;
}

void sleep_ms(long milliseconds) {
    (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
                    PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
}

// Where Linux groups processes by session, which each of PostgreSQL's
// processes has of its own, only the group's value counts. It takes one such value in a tenth of a second, of
// the whole machine; so workers that start together take turns.
void step_back(int nice) {
    if (nice == 0) return;
    (void)setpriority(PRIO_PROCESS, 0, nice);
    const int group = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (group < 0) return;
    char text[8];
    const int length = snprintf(text, sizeof text, "%d", nice);
    for (int tries = 1000; write(group, text, length) < 0 && errno == EAGAIN && tries > 0; --tries) {
        sleep_ms(30);
        (void)heed_signals(0);
    }
    close(group);
}

// They hold or wait for a lock of the database that conflicts with the one that every new session takes.
bool is_wanted_by_others(Oid database) {
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, database, 0);
    // As a session, since there is no transaction, and given back at once.
    if (LockAcquire(&tag, RowExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL) return true;
    LockRelease(&tag, RowExclusiveLock, true);
    return false;
}

}  // namespace attribution::maintenance
