#include <array>

#include "server/webhooks/shopify.hpp"
#include "server/webhooks/stripe.hpp"
#include "server/webhooks/woocommerce.hpp"

namespace attribution::webhooks {

std::span<const provider* const> providers() {
    static constexpr std::array<const provider*, 3> all{&shopify, &stripe, &woocommerce};
    return all;
}

}  // namespace attribution::webhooks
