// Orders: the conversion, what was captured, and the refunds that the order lists.
#pragma once

#include "core/json/document.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::shopify {

// Adds the conversion with the visit's signals and the states of its money. Captured is
//   pending, authorized, voided, expired, null      0; the state is given all the same: it has the version
//   partially_paid                                  total_price − total_outstanding
//   paid, partially_refunded, refunded              total_price
// What the customer paid before refunds, current_total_price − total_outstanding + the refunds, corrects
// that: an order that was edited down is worth what was paid until the difference is paid back
// (total_outstanding is negative then), and one that was paid in part is not worth its price when that is
// refunded. It is read where it can be right: current_total_price is not above total_price, which follows
// what edits add; a paid order owes nothing; of a refunded one the refunds are listed
// (https://shopify.dev/docs/api/admin-rest/latest/resources/order). A cancellation moves no money but by
// refunds. Single payments (order_transactions/create) are not booked, so orders/updated or orders/paid has
// to be subscribed to.
void read_order(json::value body, const delivery_facts& facts, event& into);

}  // namespace attribution::providers::shopify
