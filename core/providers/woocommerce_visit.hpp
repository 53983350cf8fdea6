// What an order tells of the visit that led to it: the members of meta_data that WooCommerce's order
// attribution writes (WooCommerce 8.5), and no others.
#pragma once

#include <string>
#include <string_view>

#include "core/channels/signals.hpp"
#include "core/json/document.hpp"

namespace attribution::providers::woocommerce {

// Of utm_* and the referrer; a typed address (typein) is "(direct)" / "(none)".
channels::signals signals_of(json::value order, std::string_view store);

// Small words of WooCommerce's own ("utm", "organic"; "mobile"); empty for anything else.
std::string source_type_of(json::value order);
std::string device_type_of(json::value order);

// The pseudonym that the shop's tracker left as _attribution_journey_id; empty when it is none.
std::string journey_id_of(json::value order);

}  // namespace attribution::providers::woocommerce
