// The rows of allocation_sets. They are written as COPY writes rows, without the executor and so without
// triggers: whoever else inserts there is refused by one.

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "extension/src/allocation_checks.hpp"
#include "extension/src/allocation_reason.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/key_scan.hpp"
#include "extension/src/table_writer.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/timestamp.h"
}

namespace attribution::allocations {

namespace {

// Columns of allocation_sets in the order of 0013_allocations.sql; its key has the first four in that order.
constexpr int column_count = 8;
constexpr int model_column = 3;
constexpr int revision_column = 4;

// What is the same for all headers of a statement.
struct common_values {
    Datum* models;  // by place
    Datum reason;
    Datum made_at;
};

common_values make_common_values(const statement_sets& of) {
    common_values values{static_cast<Datum*>(palloc(sizeof(Datum) * of.model_names.size())),
                         make_text(current_reason()), TimestampTzGetDatum(GetCurrentTimestamp())};
    std::transform(of.model_names.begin(), of.model_names.end(), values.models, &make_text);
    return values;
}

void fill(Datum* values, const allocation_set& set, const common_values& common) {
    const std::array<Datum, column_count> row{
        UUIDPGetDatum(&set.tenant),
        UUIDPGetDatum(&set.entry),
        common.models[set.model],
        Int32GetDatum(set.revision),
        Int64GetDatum(static_cast<std::int64_t>(set.total_minor)),
        make_text({set.currency.data(), set.currency.size()}),
        common.reason,
        common.made_at,
    };
    std::copy(row.begin(), row.end(), values);
}

// PostgreSQL's own words for a duplicate key do not say what to do.
void explain_duplicate(void* /*arg*/) {
    if (geterrcode() != ERRCODE_UNIQUE_VIOLATION) return;
    errhint(
        "The set exists already, maybe made by another transaction at this moment. A set is never added to: "
        "divide the entry anew, under the next revision.");
}

// `sets` are those of one entry. `newest` is for each the newest revision of its entry and model that the
// statement did not make; 0 when there is none. What it made is known by its key, so its rows are not looked
// at.
void note_header(const statement_sets& of, std::span<const allocation_set> sets, entry_walk& header,
                 std::span<std::int32_t> newest) {
    const std::string_view model = read_text(header.value(model_column));
    const std::int32_t revision = DatumGetInt32(header.value(revision_column));
    const auto is_model = [&](const allocation_set& set) { return of.model_names[set.model] == model; };
    const bool is_mine = std::any_of(sets.begin(), sets.end(), [&](const allocation_set& set) {
        return set.revision == revision && is_model(set);
    });
    if (is_mine || !header.has_row()) return;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        if (is_model(sets[i])) newest[i] = std::max(newest[i], revision);
    }
}

void read_headers(const statement_sets& of, table_writer& target, std::span<std::int32_t> newest) {
    entry_walk headers(target.table());
    headers.read_keys();
    for (std::size_t i = 0, count = 0; i < of.sets.size(); i += count) {
        CHECK_FOR_INTERRUPTS();
        const auto rest = of.sets.subspan(i);
        const allocation_set& first = rest.front();
        count = 1;
        while (count < rest.size() && is_same_entry(rest[count], first)) ++count;
        for (bool found = headers.find(first.tenant, first.entry, entries_ahead{rest}); found;
             found = headers.next_of(first.tenant, first.entry)) {
            note_header(of, rest.first(count), headers, newest.subspan(i, count));
        }
    }
    headers.close();
}

void require_next_revisions(const statement_sets& of, std::span<const std::int32_t> newest) {
    for (std::size_t i = 0; i < newest.size(); ++i) {
        const allocation_set& set = of.sets[i];
        const bool follows = i > 0 && of.sets[i - 1].model == set.model && is_same_entry(of.sets[i - 1], set);
        const std::int32_t before = follows ? of.sets[i - 1].revision : newest[i];
        if (set.revision == std::int64_t{before} + 1) continue;
        throw error("23514", "revisions count up from 1 without gaps",
                    describe(of, set) + ": the newest revision is " + std::to_string(before) + ".",
                    "The next one is " + std::to_string(std::int64_t{before} + 1) + ".");
    }
}

}  // namespace

void make_headers(const statement_sets& of) {
    std::vector<std::int32_t> newest(of.sets.size(), 0);
    call([&] {
        table_writer target(of.schema, "allocation_sets", of.sets.size());
        ErrorContextCallback explanation{error_context_stack, explain_duplicate, nullptr};
        error_context_stack = &explanation;
        const common_values common = make_common_values(of);
        target.write(of.sets, column_count,
                     [&](Datum* values, const allocation_set& set) { fill(values, set, common); });
        error_context_stack = explanation.previous;
        CommandCounterIncrement();
        read_headers(of, target, newest);
        target.close();
    });
    require_next_revisions(of, newest);
}

}  // namespace attribution::allocations
