// Shopify: X-Shopify-Hmac-Sha256 is base64(HMAC-SHA256(secret, body)). The topic stands in an unsigned header
// only, or in the URL that the shop was given.
#pragma once

#include "server/webhooks/provider.hpp"

namespace attribution::webhooks {

extern const provider shopify;

}  // namespace attribution::webhooks
