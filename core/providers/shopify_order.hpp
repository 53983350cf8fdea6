// Orders: the conversion, what was captured, and the refunds that the order lists.
#pragma once

#include "core/json/document.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::shopify {

// Adds the conversion with the visit's signals and the states of its money. Captured is
//   pending, authorized, voided, expired, null      0; the state is given all the same: it has the version
//   partially_paid                                  total_price − total_outstanding
//   paid, partially_refunded, refunded              total_price
// After an order was edited down more came in than its price, until the difference is paid back by a refund:
// then captured is what the customer paid before refunds, current_total_price − total_outstanding + the
// refunds. It also stands in when total_outstanding is more than total_price
// (https://shopify.dev/docs/api/admin-rest/latest/resources/order: total_outstanding is what is owed,
// current_total_price follows edits, returns and refunds; whether total_price does is not said). A
// cancellation moves no money but by refunds.
void read_order(json::value body, const delivery_facts& facts, event& into);

}  // namespace attribution::providers::shopify
