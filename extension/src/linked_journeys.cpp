#include "extension/src/linked_journeys.hpp"

extern "C" {
#include "utils/fmgroids.h"
}

namespace attribution {

linked_journeys::linked_journeys(Datum tenant, Oid schema)
    : links_(tenant, schema, "journey_links", "journey_links_pkey", F_TEXTEQ),
      linked_(tenant, schema, "journey_links", "journey_links_canonical", F_TEXTEQ) {}

void linked_journeys::close() {
    links_.close();
    linked_.close();
}

}  // namespace attribution
