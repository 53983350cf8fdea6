// SQL functions for tests/faults/run: raise each kind of error below live C++ objects, as an entry point of
// the extension would, and control the failing of allocations (allocation_faults.cpp, which must be
// preloaded).

#include <stdexcept>
#include <string>
#include <vector>

#include "extension/src/guard.hpp"

extern "C" {
#include "executor/spi.h"
PG_MODULE_MAGIC;

void allocation_faults_arm(long allocations_that_succeed, bool stay_failed);
bool allocation_faults_disarm();
long allocation_faults_outstanding();
}

namespace {

int live = 0;

// An object whose destructor must run. It owns memory, so that a leak shows in the count of allocations too.
class witness {
  public:
    witness() { ++live; }
    witness(const witness&) = delete;
    witness& operator=(const witness&) = delete;
    ~witness() { --live; }

  private:
    std::vector<char> memory_ = std::vector<char>(1000);
};

[[noreturn]] void raise_postgres_error() {
    ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("message of the error"),
                    errdetail("detail of the error"), errhint("hint of the error"),
                    err_generic_string(PG_DIAG_SCHEMA_NAME, "some_schema"),
                    err_generic_string(PG_DIAG_TABLE_NAME, "some_table"),
                    err_generic_string(PG_DIAG_CONSTRAINT_NAME, "some_constraint")));
}

void run_sql(const char* statement) {
    SPI_connect();
    SPI_execute(statement, false, 0);
    SPI_finish();
}

void wait_for_interrupt() {
    for (;;) {
        pg_usleep(1000);
        CHECK_FOR_INTERRUPTS();
    }
}

void raise(const std::string& kind, const char* statement) {
    const witness below;
    if (kind == "exception") throw std::runtime_error("message of the exception");
    if (kind == "foreign") throw 42;
    if (kind == "product") throw attribution::error("RA005", "message", "detail of it", "hint at it");
    if (kind == "long")
        throw attribution::error("RA007", std::string(100000, 'x'), std::string(99999, 'y') + "ä");
    if (kind == "bad_alloc") throw std::bad_alloc();
    if (kind == "postgres") attribution::call([] { raise_postgres_error(); });
    if (kind == "sql") attribution::call([&] { run_sql(statement); });
    if (kind == "wait") attribution::call([] { wait_for_interrupt(); });
    if (kind == "loop") {
        for (;;) attribution::check_for_interrupts();
    }
}

}  // namespace

ATTRIBUTION_FUNCTION(faults_raise) {
    char* kind = text_to_cstring(PG_GETARG_TEXT_PP(0));
    char* statement = text_to_cstring(PG_GETARG_TEXT_PP(1));
    return attribution::guard([&]() -> Datum {
        const witness above;
        raise(kind, statement);
        PG_RETURN_VOID();
    });
}

ATTRIBUTION_FUNCTION(faults_live) {
    PG_RETURN_INT32(live);
}

ATTRIBUTION_FUNCTION(faults_arm) {
    allocation_faults_arm(PG_GETARG_INT32(0), PG_GETARG_BOOL(1));
    PG_RETURN_VOID();
}

ATTRIBUTION_FUNCTION(faults_disarm) {
    PG_RETURN_BOOL(allocation_faults_disarm());
}

ATTRIBUTION_FUNCTION(faults_outstanding) {
    PG_RETURN_INT64(allocation_faults_outstanding());
}
