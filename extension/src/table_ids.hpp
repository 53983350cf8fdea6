// Tables and indexes of the product by name. A small statement opens five, and PostgreSQL's own look-up of a
// name costs as much as the opening. It calls PostgreSQL: run it inside call().
#pragma once

#include "extension/src/compat.hpp"

namespace attribution {

// InvalidOid when there is none. `name` is a literal.
[[nodiscard]] Oid find_relation(Oid schema, const char* name);

}  // namespace attribution
