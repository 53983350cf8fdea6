#include "server/webhooks/woocommerce.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/providers/woocommerce_store.hpp"
#include "server/webhooks/signature.hpp"

namespace attribution::webhooks {

namespace {

constexpr std::string_view signature_header = "X-WC-Webhook-Signature";
constexpr std::string_view own_headers = "X-WC-";  // how the names of WooCommerce's own begin
constexpr std::string_view ping_field = "webhook_id=";
constexpr std::size_t longest_number = 20;

constexpr auto topic_paths = std::to_array<std::string_view>({
    "/webhooks/woocommerce/order/created",
    "/webhooks/woocommerce/order/updated",
    "/webhooks/woocommerce/order/deleted",
    "/webhooks/woocommerce/order/restored",
});

struct entity {
    std::string_view name;  // between & and ; and without leading zeros of the number
    char character;
};

// Those of wp_specialchars_decode(…, ENT_QUOTES).
constexpr auto entities = std::to_array<entity>({
    {"amp", '&'},
    {"#38", '&'},
    {"#x26", '&'},
    {"lt", '<'},
    {"#60", '<'},
    {"gt", '>'},
    {"#62", '>'},
    {"quot", '"'},
    {"#34", '"'},
    {"#x22", '"'},
    {"#39", '\''},
    {"#x27", '\''},
});

// What stands between & and ; in the form of the table.
std::string canonical(std::string_view name) {
    std::string result(name);
    if (!name.starts_with('#')) return result;
    const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    if (hex) result[1] = 'x';
    const std::size_t digits = hex ? 2 : 1;
    result.erase(digits, std::min(result.find_first_not_of('0', digits), result.size()) - digits);
    return result;
}

std::optional<char> character_of(std::string_view name) {
    const auto* const known =
        std::find_if(entities.begin(), entities.end(),
                     [wanted = canonical(name)](const entity& e) { return e.name == wanted; });
    return known == entities.end() ? std::nullopt : std::optional(known->character);
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= longest_number &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_own(const http::field& f) {
    return http::equals_ignoring_case(f.name.substr(0, own_headers.size()), own_headers);
}

bool fits_ping(const http::request& head) {
    const std::string_view length = head.header("Content-Length").value_or("");
    return std::none_of(head.fields.begin(), head.fields.end(), &is_own) && length.size() <= 2 &&
           is_number(length);
}

bool is_ping(std::string_view body) {
    return body.starts_with(ping_field) && is_number(body.substr(ping_field.size()));
}

// Of a secret with entities it is not known whether it was taken from WordPress's database or from its forms,
// which show what they stand for.
task<judgement> check(const signed_delivery& given) {
    const std::string_view signature = given.request.header(signature_header).value_or("");
    const std::string decoded = decode_entities(given.secret);
    for (const std::string_view candidate : {std::string_view(decoded), given.secret}) {
        // WooCommerce signs without a secret when it has none: anybody could.
        if (candidate.empty()) continue;
        if (equal_in_constant_time(base64(hmac_sha256(candidate, {given.request.body})), signature))
            co_return judgement{verdict::good};
    }
    co_return judgement{verdict::wrong};
}

bool is_same_store(std::string_view source, std::string_view account) {
    using providers::woocommerce::store_of;
    return store_of(source) == store_of(account);
}

}  // namespace

std::string decode_entities(std::string_view stored) {
    std::string result;
    for (std::size_t i = 0; i < stored.size();) {
        const std::size_t end = stored[i] == '&' ? stored.find(';', i) : std::string_view::npos;
        const auto character =
            end == std::string_view::npos ? std::nullopt : character_of(stored.substr(i + 1, end - i - 1));
        result += character.value_or(stored[i]);
        i = character ? end + 1 : i + 1;
    }
    return result;
}

constinit const provider woocommerce{
    .name = "woocommerce",
    .title = "WooCommerce",
    .topic_paths = topic_paths,
    .topic_separator = '.',
    .signature_header = signature_header,
    .topic_header = "X-WC-Webhook-Topic",
    .key_header = {},
    .account_header = "X-WC-Webhook-Source",
    .signature_hint =
        "X-WC-Webhook-Signature is base64(HMAC-SHA256(secret, body)) over the exact bytes of the body, with "
        "the secret of the webhook that was given to `attributiond endpoint create`.",
    .check = &check,
    .is_same_account = &is_same_store,
    .ping = {&fits_ping, &is_ping},
};

}  // namespace attribution::webhooks
