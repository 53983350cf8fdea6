// PayPal webhooks → the event contract.
#pragma once

#include <string_view>

#include "core/providers/event.hpp"

namespace attribution::providers::paypal {

// The body of a webhook as an event. Its id and event_type are the delivery's key and topic (in small
// letters), whatever facts say. What each type gives:
//   PAYMENT.{SALE,CAPTURE}.{COMPLETED,PENDING,DENIED}   a conversion with the state of its money
//   PAYMENT.{SALE,CAPTURE}.{REFUNDED,REVERSED}          a notice with the state of what went back
//   CUSTOMER.DISPUTE.{CREATED,UPDATED,RESOLVED}         a notice; with states when money came back
//   other types are ignored (unknown_topic), and so is what comes from the sandbox (test_mode)
// A sale and a capture of one transaction id are one sale under one key. Both generations of resources are
// read: sale, capture and refund of version 1 (amount.total, state) and of version 2 (amount.value, status).
// Nothing but allow-listed members leaves the body. Throws error RA007 (not JSON, not an event, a resource
// that does not fit its type), RA005 (amount), RA006 (currency); the caller makes rejected_event() of it.
event translate(const delivery_facts& facts, std::string_view body);

}  // namespace attribution::providers::paypal
