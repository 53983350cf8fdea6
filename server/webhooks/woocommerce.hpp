// WooCommerce: X-WC-Webhook-Signature is base64(HMAC-SHA256(secret, body)). Topic, store and id of the
// delivery stand in unsigned headers, and that id names a second: two orders may share it. When a webhook is
// saved, its address is tested with an unsigned form, webhook_id=N, that must be answered with exactly 200.
#pragma once

#include <string>
#include <string_view>

#include "server/webhooks/provider.hpp"

namespace attribution::webhooks {

extern const provider woocommerce;

// WordPress keeps a secret with &, <, >, " and ' as entities of HTML and signs with what they stand for, each
// decoded once.
std::string decode_entities(std::string_view stored);

}  // namespace attribution::webhooks
