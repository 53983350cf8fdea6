#include "extension/src/index_lookup.hpp"

extern "C" {
#include "access/table.h"
}

namespace attribution {

index_lookup::index_lookup(Oid schema, const char* table, const char* index,
                           std::initializer_list<Oid> equals, Snapshot snapshot)
    : table_(open_table(schema, table, AccessShareLock)),
      index_(index != nullptr ? open_index(schema, index) : open_primary_key(table_)),
      scan_(table_, index_, snapshot) {
    int column = 0;
    for (const Oid function : equals) scan_.compare(++column, BTEqualStrategyNumber, function);
}

void index_lookup::close() {
    scan_.close();
    index_close(index_, NoLock);
    table_close(table_, NoLock);
}

}  // namespace attribution
