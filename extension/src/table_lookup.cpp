#include "extension/src/table_lookup.hpp"

extern "C" {
#include "utils/fmgroids.h"
}

namespace attribution {

table_lookup::table_lookup(Datum tenant, Oid schema, const char* table, const char* index, Oid equals)
    : table_(open_table(schema, table, AccessShareLock)),
      index_(open_index(schema, index)),
      scan_(table_, index_),
      values_{tenant, 0} {
    scan_.compare(1, BTEqualStrategyNumber, F_UUID_EQ);
    scan_.compare(2, BTEqualStrategyNumber, equals);
}

void table_lookup::start(Datum value) {
    values_[1] = value;
    scan_.start(values_.data());
}

void table_lookup::close() {
    scan_.close();
    index_close(index_, NoLock);
    table_close(table_, NoLock);
}

}  // namespace attribution
