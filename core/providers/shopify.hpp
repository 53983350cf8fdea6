// Shopify webhooks → the event contract.
#pragma once

#include <string_view>

#include "core/providers/event.hpp"

namespace attribution::providers::shopify {

// Whether translate() knows the topic: orders/create, orders/paid, orders/updated (all carry a whole order).
bool is_supported_topic(std::string_view topic) noexcept;

// The body of an order topic as an event: one conversion with the visit's signals and the state of its money.
//   paid, partially_refunded, refunded      captured is total_price (refunds are money keys of their own)
//   partially_paid                          captured is total_price − total_outstanding
//   pending, authorized, voided, expired, null   captured is 0; the state is given all the same: it has the
//   version
// Test orders give a notice and no money. Nothing but allow-listed members leaves the body, and what of it is
// free text has passed pii::clean_text. Throws error RA007 (not JSON, not an order, unknown topic or status),
// RA005 (amount), RA006 (currency); the caller makes rejected_event() of it.
event translate(const delivery_facts& facts, std::string_view body);

}  // namespace attribution::providers::shopify
