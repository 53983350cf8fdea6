// Places of columns, from 1, in the tables that C++ reads without SQL in more than one file.
#pragma once

namespace attribution {

// revenue_ledger (0004_revenue.sql, 0015_allocate.sql).
namespace ledger_column {
enum {
    tenant_id = 1,
    entry_id = 2,
    money_key = 3,
    kind = 4,
    step = 5,
    amount = 6,
    currency = 7,
    tax = 8,
    shipping = 9,
    parent_money_key = 10,
    event_id = 11,
    occurred_at = 12,
    bucket_start = 13,
    booked_at = 14,
    sale_key = 15
};
}

// attribution_events (0003_events.sql, 0007_ingestion.sql).
namespace event_column {
enum {
    tenant_id = 1,
    event_id = 2,
    source = 3,
    delivery_key = 4,
    event_type = 6,
    external_id = 11,
    order_ref = 12,
    evidence = 13,
    occurred_at = 14,
    channel = 16,
    payload = 18
};
}

// event_journeys (0007_ingestion.sql, 0020_touches.sql), and its index event_journeys_journey.
namespace journey_column {
enum { event_id = 2, journey_id = 3, touched_at = 4, channel = 5, campaign = 6 };
}
namespace journey_index_column {
enum { touched_at = 3 };
}

}  // namespace attribution
