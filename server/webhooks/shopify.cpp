#include "server/webhooks/shopify.hpp"

#include <array>

#include "server/webhooks/signature.hpp"

namespace attribution::webhooks {

namespace {

constexpr std::string_view signature_header = "X-Shopify-Hmac-Sha256";

constexpr auto topic_paths = std::to_array<std::string_view>({
    "/webhooks/shopify/orders/create",
    "/webhooks/shopify/orders/paid",
    "/webhooks/shopify/orders/updated",
    "/webhooks/shopify/orders/edited",
    "/webhooks/shopify/orders/cancelled",
    "/webhooks/shopify/refunds/create",
    "/webhooks/shopify/order_transactions/create",
    "/webhooks/shopify/disputes/create",
    "/webhooks/shopify/disputes/update",
});

task<judgement> check(const signed_delivery& given) {
    const std::string expected = base64(hmac_sha256(given.secret, {given.request.body}));
    const std::string_view signature = given.request.header(signature_header).value_or("");
    co_return judgement{equal_in_constant_time(expected, signature) ? verdict::good : verdict::wrong};
}

}  // namespace

constinit const provider shopify{
    .name = "shopify",
    .title = "Shopify",
    .topic_paths = topic_paths,
    .topic_separator = '/',
    .signature_header = signature_header,
    .topic_header = "X-Shopify-Topic",
    .key_header = "X-Shopify-Webhook-Id",
    .account_header = "X-Shopify-Shop-Domain",
    .signature_hint =
        "X-Shopify-Hmac-Sha256 is base64(HMAC-SHA256(secret, body)) over the exact bytes of the "
        "body, with the secret that was given to `attributiond endpoint create`.",
    .check = &check,
};

}  // namespace attribution::webhooks
