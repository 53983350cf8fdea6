#include "extension/src/sale_finder.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/fmgroids.h"
}

namespace attribution::allocations {

sale_finder::sale_finder(Datum tenant, Oid schema)
    : linked_(tenant, schema),
      conversions_(tenant, schema, "event_journeys", "event_journeys_journey", F_TEXTEQ),
      events_(tenant, schema, "attribution_events", "attribution_events_pkey", F_UUID_EQ),
      by_order_(tenant, schema, "attribution_events", "attribution_events_external_id", F_TEXTEQ),
      booked_(tenant, schema, "revenue_ledger", "revenue_ledger_event", F_UUID_EQ) {
    conversions_.scan().require_null(journey_index_column::touched_at, TIMESTAMPTZOID);
}

void sale_finder::close() {
    linked_.close();
    for (table_lookup* one : {&conversions_, &events_, &by_order_, &booked_}) one->close();
}

}  // namespace attribution::allocations
