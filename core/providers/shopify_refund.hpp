// Refunds and single transactions. A refund is booked by its transactions, which have the same ids wherever
// they are told: in refunds/create, in order_transactions/create, and in every later body of the order.
#pragma once

#include <string_view>
#include <vector>

#include "core/json/document.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::shopify {

// Adds the state of each transaction of kind "refund" that is no test: its amount once it succeeded, else 0.
// Error RA007 when `transactions` is neither null nor a list of transactions.
void add_refunds(json::value transactions, std::string_view order_id, std::vector<money_state>& states);

// refunds/create: a notice with the states of its transactions. Without any, no money has moved.
void read_refund(json::value body, const delivery_facts& facts, event& into);

// order_transactions/create: a notice; only kind "refund" has money of its own. What a sale or a capture
// brought is in the order's own state, which orders/updated and orders/paid carry.
void read_transaction(json::value body, const delivery_facts& facts, event& into);

// Whether one of the transactions is a test: then no money has moved at all.
bool has_test_transaction(json::value body);

}  // namespace attribution::providers::shopify
