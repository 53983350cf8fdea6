// The states of money that PayPal's resources tell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json/document.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::paypal {

// What an event says of a resource: its state at that time.
struct telling {
    std::string_view type;           // "PAYMENT.SALE.COMPLETED"
    std::string_view resource_type;  // "sale"
    json::value resource;
    std::string_view at;  // when the event was made
};

// The transaction that a refund, a reversal or a dispute is about; empty when it names none or more than one.
std::string_view payment_of(const telling& told);

// What a sale or a capture brought: nothing while it is pending, or when it was denied.
money_state payment_state(const telling& told);

// What went back by a refund or a reversal. The resource is the refund, with an id of its own; or the payment
// itself, which has no id for what went back and so tells a total of which named refunds are parts.
money_state return_state(const telling& told, money_kind kind);

// What of a resolved dispute came back to the seller, and that it had been withdrawn before; otherwise a
// dispute tells of no money: what goes to the buyer comes as a reversal or a refund (docs/decisions.md).
std::vector<money_state> dispute_states(const telling& told);

}  // namespace attribution::providers::paypal
