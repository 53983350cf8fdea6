#include "server/webhooks/shopify.hpp"

#include <array>

#include "core/json/writer.hpp"
#include "server/http/log.hpp"
#include "server/http/problem.hpp"
#include "server/webhooks/signature.hpp"

namespace attribution::webhooks {

namespace {

constexpr std::string_view provider = "shopify";
constexpr std::size_t answer_size = 256;  // enough for the answer's text

constexpr std::array routes_of_shopify{
    http::route{"POST", "/webhooks/shopify/orders/create", http::member<&shopify::orders_create>},
};

http::problem bad_signature(std::string_view detail) {
    return http::problem(
               401, std::string(detail),
               "X-Shopify-Hmac-Sha256 is base64(HMAC-SHA256(secret, body)) over the exact bytes of the body, "
               "with the secret that was given to `attributiond endpoint create`.")
        .with("WWW-Authenticate", "Shopify-Hmac-Sha256");
}

http::response accepted(const ingestion::receipt& stored, std::string_view correlation_id) {
    json::writer body(answer_size);
    body.begin_object()
        .member("status", stored.status)
        .member("event_id", stored.event_id)
        .member("correlation_id", correlation_id)
        .end_object();
    http::response reply;
    reply.body = std::move(body).text();
    return reply;
}

// The header is not part of what is signed: a difference is worth a look, not a refusal.
void note_other_shop(const http::request& r, const ingestion::endpoint& to) {
    const auto shop = r.header("X-Shopify-Shop-Domain");
    if (shop && !http::equals_ignoring_case(*shop, to.account))
        log::write(log::level::warn, "other_shop_domain", "correlation_id", r.correlation_id, "endpoint_id",
                   to.id);
}

}  // namespace

std::span<const http::route> shopify::routes() {
    return routes_of_shopify;
}

task<http::response> shopify::orders_create(const http::request& r) {
    return receive(r, "orders/create");
}

task<http::response> shopify::receive(const http::request& r, std::string_view topic) {
    const std::shared_ptr<const ingestion::endpoint> to = co_await endpoint_of(r);
    require_signature(r, *to);
    note_other_shop(r, *to);
    const ingestion::delivery d{to, topic, r.header("X-Shopify-Webhook-Id").value_or(""), r.body,
                                r.correlation_id};
    const ingestion::receipt stored = co_await gateway_.deliver(d);
    co_return accepted(stored, r.correlation_id);
}

task<std::shared_ptr<const ingestion::endpoint>> shopify::endpoint_of(const http::request& r) {
    const auto id = r.parameter("endpoint");
    if (!id)
        throw http::problem(
            400,
            r.repeated("endpoint") ? "The parameter endpoint is given more than once."
                                   : "The parameter endpoint is missing.",
            "Use the URL path?endpoint=whe_… with the id that `attributiond endpoint create` printed.");
    auto found = co_await gateway_.find_endpoint(*id);
    if (!found || found->provider != provider)
        throw http::problem(404, "There is no active Shopify endpoint with this id.",
                            "Create one with `attributiond endpoint create --provider shopify`.");
    co_return found;
}

void shopify::require_signature(const http::request& r, const ingestion::endpoint& to) const {
    const auto signature = r.header("X-Shopify-Hmac-Sha256");
    if (!signature) throw bad_signature("The header X-Shopify-Hmac-Sha256 is missing.");
    if (signed_with(to.secret_ciphertext, *signature, r, to)) return;
    // While a secret is being changed, deliveries signed with the one before still come.
    if (!to.previous_secret_ciphertext.empty() &&
        signed_with(to.previous_secret_ciphertext, *signature, r, to))
        return;
    throw bad_signature("The signature does not belong to this body.");
}

bool shopify::signed_with(std::string_view secret_ciphertext, std::string_view signature,
                          const http::request& r, const ingestion::endpoint& to) const {
    try {
        return equal_in_constant_time(hmac_sha256_base64(secrets_.decrypt(secret_ciphertext), r.body),
                                      signature);
    } catch (const std::runtime_error& e) {
        log::write(log::level::error, "secret_unreadable", "correlation_id", r.correlation_id, "endpoint_id",
                   to.id, "reason", e.what());
        throw http::problem(500, "The secret of this endpoint cannot be read.",
                            "Start the server with the master key under which the endpoint was created.");
    }
}

}  // namespace attribution::webhooks
