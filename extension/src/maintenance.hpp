// Background workers that call attribution.maintain() and attribution.refresh_reports(), when the library is
// in shared_preload_libraries.
//
// The launcher, of the cluster, connects to no database. Every attribution.maintenance_naptime it has a
// finder tell which databases have our tables, and starts a worker for each that has none. A worker works
// until its database or the extension goes.
//
// Their main functions and all that they call are C in C++ files: PostgreSQL leaves these frames by longjmp,
// so nothing here owns a destructor or throws.
#pragma once

#include "extension/src/compat.hpp"

extern "C" {
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "utils/timestamp.h"
}

namespace attribution::maintenance {

// The settings attribution.maintenance and attribution.maintenance_…
extern bool enabled;
extern int interval_ms;
extern int naptime_s;
extern int nice_value;

// Called once when the library is loaded.
void define_settings();
// Called by the postmaster while it loads shared_preload_libraries.
void register_launcher();

// What a finder leaves for the launcher, in memory of both: more databases cannot have a worker at once.
struct found_databases {
    int count;
    Oid databases[FLEXIBLE_ARRAY_MEMBER];
};

// A worker as the launcher starts it: of the library, for a database, started once.
BackgroundWorker describe_worker(const char* main_function, const char* type, const char* database_name);

// The first thing that a main function does.
void accept_signals();
// What signals ask for, outside of transactions: the end, with this exit code, or reading the configuration,
// which it returns.
bool heed_signals(int exit_code);
// Sleeps for so long at most, until a signal comes.
void sleep_ms(long milliseconds);

// Lets other processes go first when there are not enough processors: gives this one that nice value, for
// good; 0 leaves it as it is.
void step_back(int nice);

// Whether somebody waits to drop, rename, move or copy a database: they give up after 5 seconds while anybody
// is connected to it.
bool is_wanted_by_others(Oid database);

}  // namespace attribution::maintenance
