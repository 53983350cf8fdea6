// Stripe webhooks → the event contract.
#pragma once

#include <string_view>

#include "core/providers/event.hpp"

namespace attribution::providers::stripe {

// The body of a webhook as an event. Its id and type, which the signature covers, are the delivery's key and
// topic, whatever facts say. What each type gives:
//   charge.succeeded, charge.captured, payment_intent.succeeded, checkout.session.completed,
//   checkout.session.async_payment_{succeeded,failed}     a conversion with the state of its money
//   charge.refunded, refund.{created,updated,failed}, charge.refund.updated,
//   charge.dispute.{created,updated,funds_withdrawn,funds_reinstated,closed}   a notice with states, if any
//   other types are ignored (unknown_topic), and so is what is not livemode (test_mode)
// A charge, its payment intent and its checkout session are one sale under one key: the intent's when there
// is one. A session without a payment (subscriptions, set-ups, nothing to pay) is a conversion without money:
// what a subscription pays comes by its charges. Nothing but allow-listed members leaves the body: no name,
// address or description, and of metadata only utm_*, names of click ids, order_id and journey_id. Throws
// error RA007 (not JSON, not an event, an object that does not fit its type), RA005 (amount), RA006
// (currency); the caller makes rejected_event() of it.
event translate(const delivery_facts& facts, std::string_view body);

}  // namespace attribution::providers::stripe
