// What Stripe's objects tell of the way to a purchase: of metadata and of client_reference_id, which
// merchants fill as they like, only what is named here.
#pragma once

#include <string>

#include "core/channels/signals.hpp"
#include "core/json/document.hpp"

namespace attribution::providers::stripe {

// utm_* and the names of click ids, from metadata, else from client_reference_id (utm_source=google|…, also
// with &), else from the query of success_url. All texts are cleaned.
channels::signals signals_of(json::value object);

// The shop's order: metadata order_id, shopify_order_id or woocommerce_order_id, when it is key text without
// personal data. Shopify's gid://shopify/Order/N is N, as Shopify's own webhooks have it, and #N is N. May be
// empty.
std::string order_ref_of(json::value object);

// metadata journey_id, else what stands in client_reference_id beside parameters: opaque key text of at least
// 8 characters. Merchants put names of users there too, so without a digit it is none. May be empty.
std::string journey_id_of(json::value object);

}  // namespace attribution::providers::stripe
