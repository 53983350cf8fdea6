// The library's entry: what happens once when a backend (or the postmaster) loads it.

#include "extension/src/allocation_reason.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/maintenance.hpp"
#include "extension/src/tenant.hpp"

extern "C" {
PG_MODULE_MAGIC;
// PostgreSQL gives the name.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
PGDLLEXPORT void _PG_init(void);
}

// Nothing here owns a destructor or throws, so errors of PostgreSQL may pass.
void _PG_init(void) {
    attribution::define_tenant_setting();
    attribution::allocations::define_reason_setting();
    attribution::maintenance::define_settings();
    if (process_shared_preload_libraries_in_progress) attribution::maintenance::register_launcher();
    MarkGUCPrefixReserved("attribution");
}
