// The states of money that Stripe's objects tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/document.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::stripe {

// What an event says of an object: its state at that time.
struct telling {
    std::string_view type;
    json::value object;
    std::int64_t at;  // seconds since 1970
    // Before its version 2025-03-31, Stripe's API called it a refund when an authorisation, or what a partial
    // capture left of it, was released: amount_refunded holds it, though no money came back
    // (docs/decisions.md).
    bool releases_are_refunds;
};

// What all states of one purchase have in common, however it is told.
struct sale {
    std::string id;         // of the payment intent, or of the charge when there is none
    std::string money_key;  // "stripe:payment_intent:…" or "stripe:charge:…"
};

// The sale of a charge, a refund or a dispute. Error RA007 when it names none.
sale sale_of(json::value object);
sale sale_of_intent(std::string_view id);

// Captured so far; then, where the charge tells it (charge.refunded always does), what was refunded in total,
// and each refund that it lists.
std::vector<money_state> charge_states(const telling& told);
money_state intent_state(const telling& told);
// None when the session takes no payment of its own: set-ups, subscriptions, nothing to pay.
std::optional<money_state> session_state(const telling& told);
money_state refund_state(const telling& told);
// What was withdrawn and what of it came back, as of this event; none before funds have moved.
std::vector<money_state> dispute_states(const telling& told);

}  // namespace attribution::providers::stripe
