// Orders: the conversion, what was captured, and the refunds that the order lists.
#pragma once

#include "core/json/document.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::shopify {

// Adds the conversion with the visit's signals and the states of its money. Captured is
//   pending, authorized, voided, expired, null      0; the state is given all the same: it has the version
//   partially_paid                                  total_price − total_outstanding
//   paid, partially_refunded, refunded              total_price
// or, from partially_paid on and when it is more, what the customer paid before refunds: current_total_price
// − total_outstanding + the refunds. total_outstanding is what is owed (negative: to the customer), and
// current_total_price follows edits, returns and refunds; whether total_price does is not said
// (https://shopify.dev/docs/api/admin-rest/latest/resources/order). So an order that was edited up is not
// worth less while the difference is owed, nor one that was edited down before it is paid back. Shopify's
// sample owes 398.00 of 398.00 at a total_price of 388.00: paid, it is 388.00. A cancellation moves no money
// but by refunds. Single payments (order_transactions/create) are not booked, so orders/updated or
// orders/paid has to be subscribed to.
void read_order(json::value body, const delivery_facts& facts, event& into);

}  // namespace attribution::providers::shopify
