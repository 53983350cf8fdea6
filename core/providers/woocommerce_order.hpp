// Orders: the conversion, what was captured, and the refunds that the order lists.
#pragma once

#include <string>
#include <string_view>

#include "core/json/document.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::woocommerce {

std::string order_key(std::string_view store, std::string_view order_id);  // "woocommerce:STORE:order:…"

// Adds the conversion with the visit's signals and the states of its money. Captured is `total` when the
// order was ever paid: date_paid_gmt is set, whatever became of the order afterwards (a cancellation or a
// failure moves money by refunds only), or its status is processing, completed or refunded. Cash on delivery
// is processed before it is paid. At least what came back had come in.
// Refunds are parts with keys of their own. Only while one is not listed yet does the status `refunded`,
// which means that all of the total came back, count as a total under the order's key. States are versioned
// by date_modified_gmt; several of one second are told apart by their amounts, since nothing takes a capture
// back within it.
void read_order(json::value body, std::string_view store, event& into);

}  // namespace attribution::providers::woocommerce
