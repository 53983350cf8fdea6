#include <array>

#include "server/webhooks/shopify.hpp"
#include "server/webhooks/stripe.hpp"

namespace attribution::webhooks {

std::span<const provider* const> providers() {
    static constexpr std::array<const provider*, 2> all{&shopify, &stripe};
    return all;
}

}  // namespace attribution::webhooks
