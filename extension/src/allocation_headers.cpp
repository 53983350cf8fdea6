// The rows of allocation_sets. They are written as COPY writes rows, without the executor and so without
// triggers: whoever else inserts there is refused by one.

#include <algorithm>
#include <array>
#include <cstring>

#include "core/errors.hpp"
#include "extension/src/allocation_checks.hpp"
#include "extension/src/allocation_reason.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/key_scan.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "utils/timestamp.h"
}

namespace attribution::allocations {

namespace {

constexpr std::size_t batch_rows = 1000;

// Columns of allocation_sets in the order of 0013_allocations.sql.
constexpr int column_count = 8;
constexpr int model_column = 3;
constexpr int revision_column = 4;

Datum make_text(std::string_view value) {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
}

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

void fill(TupleTableSlot* slot, const allocation_set& set, const common_values& common) {
    ExecClearTuple(slot);
    const std::array<Datum, column_count> values{
        UUIDPGetDatum(&set.tenant),
        UUIDPGetDatum(&set.entry),
        common.models[set.model],
        Int32GetDatum(set.revision),
        Int64GetDatum(static_cast<std::int64_t>(set.total_minor)),
        make_text({set.currency.data(), set.currency.size()}),
        common.reason,
        common.made_at,
    };
    std::copy(values.begin(), values.end(), slot->tts_values);
    std::fill_n(slot->tts_isnull, slot->tts_tupleDescriptor->natts, true);
    std::fill_n(slot->tts_isnull, column_count, false);
    ExecStoreVirtualTuple(slot);
}

// PostgreSQL's own words for a duplicate key do not say what to do.
void explain_duplicate(void* /*arg*/) {
    if (geterrcode() != ERRCODE_UNIQUE_VIOLATION) return;
    errhint(
        "The set exists already, maybe made by another transaction at this moment. A set is never added to: "
        "divide the entry anew, under the next revision.");
}

// Where headers go: the table with its indexes, and slots to write from.
struct header_target {
    Relation table;
    EState* state;
    ResultRelInfo* indexes;
    TupleTableSlot* slots[batch_rows];
    std::size_t slot_count;
    CommandId command;
};

void open(header_target& target, const statement_sets& of) {
    target.table = open_table(of.schema, "allocation_sets", RowExclusiveLock);
    target.state = CreateExecutorState();
    target.indexes = makeNode(ResultRelInfo);
    InitResultRelInfo(target.indexes, target.table, 1, nullptr, 0);
    ExecOpenIndices(target.indexes, false);
    target.slot_count = std::min(of.sets.size(), batch_rows);
    for (std::size_t i = 0; i < target.slot_count; ++i)
        target.slots[i] = table_slot_create(target.table, nullptr);
    target.command = GetCurrentCommandId(true);
}

void write(header_target& target, std::span<const allocation_set> sets, const common_values& common,
           BulkInsertState bulk) {
    for (std::size_t i = 0; i < sets.size(); ++i) fill(target.slots[i], sets[i], common);
    table_multi_insert(target.table, target.slots, static_cast<int>(sets.size()), target.command, 0, bulk);
    for (std::size_t i = 0; i < sets.size(); ++i) {
        CHECK_FOR_INTERRUPTS();
        compat::insert_index_tuples(target.indexes, target.slots[i], target.state);
        ResetPerTupleExprContext(target.state);
    }
}

void close(header_target& target) {
    for (std::size_t i = 0; i < target.slot_count; ++i) ExecDropSingleTupleTableSlot(target.slots[i]);
    ExecCloseIndices(target.indexes);
    FreeExecutorState(target.state);
    table_close(target.table, NoLock);
}

Relation primary_key(const header_target& target) {
    Relation* const first = target.indexes->ri_IndexRelationDescs;
    Relation* const last = first + target.indexes->ri_NumIndices;
    return *std::find_if(first, last, [](Relation index) { return index->rd_index->indisprimary; });
}

// For each set the newest revision of its entry and model that the statement did not make; 0 when there is
// none.
using revisions = std::vector<std::int32_t>;

// `sets` are those of one entry. `newest` is for each the newest revision of its entry and model that the
// statement did not make; 0 when there is none.
void note_header(const statement_sets& of, std::span<const allocation_set> sets, std::string_view model,
                 std::int32_t revision, std::span<std::int32_t> newest) {
    const auto is_model = [&](const allocation_set& set) { return of.model_names[set.model] == model; };
    const bool is_mine = std::any_of(sets.begin(), sets.end(), [&](const allocation_set& set) {
        return set.revision == revision && is_model(set);
    });
    if (is_mine) return;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        if (is_model(sets[i])) newest[i] = std::max(newest[i], revision);
    }
}

void read_headers(const statement_sets& of, const header_target& target, std::span<std::int32_t> newest) {
    entry_walk headers(target.table, primary_key(target));
    for (std::size_t i = 0, count = 0; i < of.sets.size(); i += count) {
        CHECK_FOR_INTERRUPTS();
        const auto rest = of.sets.subspan(i);
        const allocation_set& first = rest.front();
        count = 1;
        while (count < rest.size() && is_same_entry(rest[count], first)) ++count;
        for (bool found = headers.find(first.tenant, first.entry, entries_ahead{rest}); found;
             found = headers.next_of(first.tenant, first.entry)) {
            note_header(of, rest.first(count), read_text(headers.value(model_column)),
                        DatumGetInt32(headers.value(revision_column)), newest.subspan(i, count));
        }
    }
    headers.close();
}

void write_all(header_target& target, const statement_sets& of) {
    const common_values common = make_common_values(of);
    if (of.sets.size() <= batch_rows) {
        write(target, of.sets, common, nullptr);
        return;
    }
    BulkInsertState bulk = GetBulkInsertState();
    MemoryContext batch =
        AllocSetContextCreate(CurrentMemoryContext, "headers of allocations", ALLOCSET_DEFAULT_SIZES);
    for (auto rest = of.sets; !rest.empty();) {
        const auto now = rest.first(std::min(rest.size(), batch_rows));
        MemoryContext outer = MemoryContextSwitchTo(batch);
        write(target, now, common, bulk);
        MemoryContextSwitchTo(outer);
        MemoryContextReset(batch);
        rest = rest.subspan(now.size());
    }
    MemoryContextDelete(batch);
    FreeBulkInsertState(bulk);
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
        auto* target = static_cast<header_target*>(palloc(sizeof(header_target)));
        open(*target, of);
        ErrorContextCallback explanation{error_context_stack, explain_duplicate, nullptr};
        error_context_stack = &explanation;
        write_all(*target, of);
        error_context_stack = explanation.previous;
        CommandCounterIncrement();
        read_headers(of, *target, newest);
        close(*target);
    });
    require_next_revisions(of, newest);
}

}  // namespace attribution::allocations
