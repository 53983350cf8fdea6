// WooCommerce webhooks → the event contract.
#pragma once

#include <string_view>

#include "core/providers/event.hpp"

namespace attribution::providers::woocommerce {

// The body of a webhook as an event. What each topic gives:
//   order.created, order.updated, order.restored  a conversion, what was captured, the refunds that it lists
//   order.deleted                                 a notice: its body is an id, and a deletion moves no money
// Other topics are ignored (unknown_topic). The topic is not signed, so the shape is checked. Nothing but
// allow-listed members leaves the body. Two stores may tell the same of orders of the same number, so the
// store stands before the digest in the key of the delivery. Throws error RA007 (not JSON, another shape than
// the topic's, the endpoint's account is no store), RA005 (amount), RA006 (currency); the caller makes
// rejected_event() of it.
event translate(const delivery_facts& facts, std::string_view body);

}  // namespace attribution::providers::woocommerce
