// Shopify webhooks → the event contract.
#pragma once

#include <string_view>

#include "core/providers/event.hpp"

namespace attribution::providers::shopify {

// The body of a webhook as an event. What each topic gives:
//   orders/{create,paid,updated,cancelled}  a conversion, what was captured, the refunds that it lists
//   orders/edited                           a notice; the money follows by orders/updated
//   refunds/create                          a notice with the refund's transactions
//   order_transactions/create               a notice; refunds have money of their own
//   disputes/{create,update}                a notice; chargebacks have money
// Other topics are ignored (unknown_topic), and so are test orders and transactions (test_mode).
// The topic is not signed, so the shape is checked. Nothing but allow-listed members leaves the body, and
// what of it is free text has passed pii::clean_text. Throws error RA007 (not JSON, another shape than the
// topic's, unknown status), RA005 (amount), RA006 (currency); the caller makes rejected_event() of it.
event translate(const delivery_facts& facts, std::string_view body);

}  // namespace attribution::providers::shopify
