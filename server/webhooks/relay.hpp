// Deliveries that a relay of the merchant's own passes on, when the provider cannot reach the server or its
// signature does not survive the way: X-Attribution-Signature is HMAC-SHA256(secret, body) in hex. Only
// endpoints that were made so take it, and they take no other.
#pragma once

#include "server/webhooks/provider.hpp"

namespace attribution::webhooks {

inline constexpr std::string_view relay_signature_header = "X-Attribution-Signature";

// The provider as a relay speaks for it.
provider relayed(const provider& from);

}  // namespace attribution::webhooks
