// Stripe: Stripe-Signature is t=SECONDS,v1=HEX with HEX = HMAC-SHA256(secret, SECONDS.body). There may be
// several v1 while a secret is rolled; other schemes are passed over. The body, which is signed, names topic
// and delivery.
#pragma once

#include "server/webhooks/provider.hpp"

namespace attribution::webhooks {

extern const provider stripe;

// A signature made further from now than this, in either direction, is refused.
inline constexpr std::chrono::seconds stripe_tolerance{300};

}  // namespace attribution::webhooks
