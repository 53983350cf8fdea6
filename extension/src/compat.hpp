// PostgreSQL's headers for C++, and every difference between server versions 15 to 17. Include it after all
// C++ headers: PostgreSQL defines macros that standard headers do not survive.
#pragma once

extern "C" {
#include "postgres.h"

#if PG_VERSION_NUM < 160000
// Until 15 PGDLLEXPORT is empty outside Windows, and -fvisibility=hidden would hide the entry points.
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

#include "access/genam.h"
#include "access/tableam.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/uuid.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
}

#include <cstdlib>

namespace attribution::compat {

// Memory for the `extra` of a setting: PostgreSQL frees it with free() until 15 and with guc_free() from 16
// on.
inline void* guc_alloc(std::size_t size) {
#if PG_VERSION_NUM >= 160000
    return guc_malloc(LOG, size);
#else
    return std::malloc(size);
#endif
}

// Adds a stored row to every index of its table, or only to those that sum up its page. A duplicate key is an
// error.
inline void insert_index_tuples(ResultRelInfo* table, TupleTableSlot* row, EState* state,
                                [[maybe_unused]] bool only_summarizing = false) {
#if PG_VERSION_NUM >= 160000
    (void)ExecInsertIndexTuples(table, row, state, false, false, nullptr, NIL, only_summarizing);
#else
    (void)ExecInsertIndexTuples(table, row, state, false, false, nullptr, NIL);
#endif
}

// Stores a row in the place of another, which nobody else may change meanwhile, with the entries that its
// indexes need: mostly none, since it finds its place on the page of the old one.
inline void update_row(ResultRelInfo* table, ItemPointer place, TupleTableSlot* row, EState* state,
                       Snapshot snapshot) {
#if PG_VERSION_NUM >= 160000
    TU_UpdateIndexes indexes = TU_None;
    simple_table_tuple_update(table->ri_RelationDesc, place, row, snapshot, &indexes);
    if (indexes != TU_None) insert_index_tuples(table, row, state, indexes == TU_Summarizing);
#else
    bool indexes = false;
    simple_table_tuple_update(table->ri_RelationDesc, place, row, snapshot, &indexes);
    if (indexes) insert_index_tuples(table, row, state);
#endif
}

// Ends what ExecOpenIndices() began, as ExecCloseIndices() does, but keeps the locks: taking them anew costs
// the next small statement more than opening the indexes.
inline void close_indexes(ResultRelInfo* table) {
    for (int i = 0; i < table->ri_NumIndices; ++i) {
#if PG_VERSION_NUM >= 170000
        index_insert_cleanup(table->ri_IndexRelationDescs[i], table->ri_IndexRelationInfo[i]);
#endif
        index_close(table->ri_IndexRelationDescs[i], NoLock);
    }
}

}  // namespace attribution::compat

// Declares and opens a function that SQL can call.
#define ATTRIBUTION_FUNCTION(name)            \
    extern "C" {                              \
    PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
    PG_FUNCTION_INFO_V1(name);                \
    }                                         \
    Datum name([[maybe_unused]] PG_FUNCTION_ARGS)
