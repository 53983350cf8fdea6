// What a statement's sets are held against: models, ledger entries, the headers that there are. All of it by
// direct look-ups in primary keys: starting the executor would cost a small INSERT as much as the INSERT.
// Rows are named by the tenant of the set, which row security let the inserting role write.
#pragma once

#include <span>
#include <string>

#include "extension/src/allocation_sets.hpp"
#include "extension/src/dirty_buckets.hpp"

namespace attribution::allocations {

struct statement_sets {
    Oid schema;  // of the tables
    std::span<const allocation_set> sets;
    std::span<const std::string> model_names;
};

// Model names are defined ones by the time that an error needs them.
[[nodiscard]] std::string describe(const statement_sets& of, const allocation_set& set);

// Throws 23503 when a model is not defined. Until the transaction ends, no definition of one changes.
void lock_models(const statement_sets& of);

// Throws RA002, RA005 or 23503 for the first set that is not its ledger entry. The buckets of the entries are
// added to `touched`.
void compare_with_ledger(const statement_sets& of, reports::dirty_buckets& touched);

// The lock: of two transactions that make the same set, one waits and gets 23505. Throws 23514 when the sets
// are not the next revisions. That is looked at when the headers are made: from then on nobody else can make
// these, and what was there before is seen.
void make_headers(const statement_sets& of);

}  // namespace attribution::allocations
