// The free text that a merchant gives to a payment and the provider tells again: Stripe's
// client_reference_id, PayPal's custom_id. Merchants fill it as they like: only what is named here is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/channels/signals.hpp"
#include "core/pii/url.hpp"
#include "core/providers/visit.hpp"

namespace attribution::providers {

// utm_* and the names of click ids in it: utm_source=google|utm_medium=cpc, also with & between them.
std::vector<pii::url_parameter> reference_parameters(std::string_view reference);

// What stands in it beside parameters: opaque key text of at least 8 characters. Merchants put names of users
// there too, so without a digit it is none. May be empty.
std::string reference_journey_id(std::string_view reference);

// The shop's order when it is key text without personal data, else empty. Shopify's gid://shopify/Order/N is
// N, as Shopify's own webhooks have it, and #N is N.
std::string clean_order_ref(std::string_view text);

// The signals of a visit of which only attributes are known, the first of them counts. All texts are cleaned.
channels::signals attribute_signals(std::vector<visit_attribute> attributes);

}  // namespace attribution::providers
