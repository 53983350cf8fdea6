// The SQL that stores events.
#pragma once

#include "extension/src/saved_statement.hpp"

namespace attribution::ingest {

// Rows carry their tenant: a call may hold events of many.
extern saved_statement store_events;         // event_row[], state_row[] → event_id, is_entry
extern saved_statement store_event;          // event_row, state_row or NULL → event_id, is_entry
extern saved_statement store_parts;          // part_row[]
extern saved_statement settle_totals;        // total_row[] → event_id of each entry that was booked
extern saved_statement store_touchpoints;    // event_row[]
extern saved_statement store_journeys;       // journey_row[], with the newest snapshot
extern saved_statement store_transactions;   // transaction_row[]
extern saved_statement add_ignored;          // ignored_row[]
extern saved_statement store_dead_letters;   // dead_row[] → dead_id, in the order of the rows
extern saved_statement claim_transmissions;  // transmission_row[]
extern saved_statement find_transmissions;  // transmission_row[] → position, digest: of each the first body's
extern saved_statement find_events;  // tenant_id[], source[], delivery_key[] → position, event_id, digest
extern saved_statement find_currencies;  // tenant_id[], money_key[], kind[], currency[] → position, currency
extern saved_statement count_active_tenants;  // tenant_id[] → count

}  // namespace attribution::ingest
