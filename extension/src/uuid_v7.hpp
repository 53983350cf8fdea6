// UUID version 7 (RFC 9562): ids that grow with time, so that new rows land at the end of an index.
#pragma once

#include "extension/src/compat.hpp"

namespace attribution {

// Greater than every id that this backend made before.
pg_uuid_t next_uuid_v7();

}  // namespace attribution
