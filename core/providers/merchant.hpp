// What a merchant's own code tells of visits, sales and refunds (POST /api/ingest) → the event contract.
// contracts/ingestion/v1/ingestion.yaml describes the items.
#pragma once

#include <string>

#include "core/json/document.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::merchant {

// Of an item whatever it is: its type is the topic, its id the delivery key (each when usable; without a key
// the digest of the item takes its place).
delivery_facts facts_of(json::value item, std::string digest_hex, std::string correlation_id);

// One item as an event:
//   touchpoint   one touchpoint
//   conversion   a conversion, and with an amount the state of money key merchant:order:ORDER_ID
//   refund       a notice, and the state of money key merchant:refund:REFUND_ID, parent the order
// Signals come from the URLs, reduced as pii::clean_url does; what the item itself says of them counts more.
// Throws error RA001 (personal data; the detail is its JSON path), RA005 (amount), RA006 (currency), RA007
// (anything else; the detail names the member); the caller makes rejected_event() of it.
event translate(const delivery_facts& facts, json::value item);

// One visit from a browser: a touchpoint with id and url, and of the others occurred_at, journey_id and
// referrer at most. Its clock may be wrong: more than ten minutes away from received_at, or not told, the
// visit occurred when it was received. Throws as translate() does, and RA010 for another type.
event translate_visit(const delivery_facts& facts, json::value item, const std::string& received_at);

}  // namespace attribution::providers::merchant
