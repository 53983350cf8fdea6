#include <array>

#include "server/webhooks/paypal.hpp"
#include "server/webhooks/shopify.hpp"
#include "server/webhooks/stripe.hpp"
#include "server/webhooks/woocommerce.hpp"

namespace attribution::webhooks {

std::span<const provider* const> providers() {
    static constexpr std::array<const provider*, 4> all{&paypal, &shopify, &stripe, &woocommerce};
    return all;
}

}  // namespace attribution::webhooks
