// The SQL that stores events.
#pragma once

#include "extension/src/saved_statement.hpp"

namespace attribution::ingest {

// The statements. $1 is the tenant.
extern saved_statement store_events;        // $2 event_row[], $3 state_row[] → event_id, is_entry
extern saved_statement store_event;         // $2 event_row, $3 state_row or NULL → event_id, is_entry
extern saved_statement store_parts;         // $2 part_row[]
extern saved_statement settle_totals;       // $2 total_row[] → event_id of each entry that was booked
extern saved_statement store_touchpoints;   // $2 event_row[]
extern saved_statement store_journeys;      // $2 journey_row[]
extern saved_statement add_ignored;         // $2 ignored_row[]
extern saved_statement store_dead_letters;  // $2 dead_row[] → dead_id, in the order of the rows
extern saved_statement find_events;         // $2 source[], $3 delivery_key[] → position, event_id, digest
extern saved_statement
    find_currencies;                 // $2 money_key[], $3 kind[], $4 currency[] → position, booked currency
extern saved_statement find_tenant;  // → status

}  // namespace attribution::ingest
