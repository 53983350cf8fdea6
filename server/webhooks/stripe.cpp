#include "server/webhooks/stripe.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "server/webhooks/signature.hpp"

namespace attribution::webhooks {

namespace {

constexpr std::string_view signature_header = "Stripe-Signature";
constexpr std::size_t longest_time = 12;  // digits; far beyond any clock, and no sum with it can overflow

constexpr auto topic_paths = std::to_array<std::string_view>({
    "/webhooks/stripe/charge/succeeded",
    "/webhooks/stripe/charge/captured",
    "/webhooks/stripe/charge/refunded",
    "/webhooks/stripe/charge/refund/updated",
    "/webhooks/stripe/charge/dispute/created",
    "/webhooks/stripe/charge/dispute/updated",
    "/webhooks/stripe/charge/dispute/funds_withdrawn",
    "/webhooks/stripe/charge/dispute/funds_reinstated",
    "/webhooks/stripe/charge/dispute/closed",
    "/webhooks/stripe/refund/created",
    "/webhooks/stripe/refund/updated",
    "/webhooks/stripe/refund/failed",
    "/webhooks/stripe/payment_intent/succeeded",
    "/webhooks/stripe/checkout/session/completed",
    "/webhooks/stripe/checkout/session/async_payment_succeeded",
    "/webhooks/stripe/checkout/session/async_payment_failed",
});

struct signature {
    std::string_view time_text;  // as it was signed
    std::chrono::sys_seconds time;
    std::vector<std::string_view> macs;  // the v1 among them, at least one
};

std::optional<std::chrono::sys_seconds> read_time(std::string_view text) {
    std::int64_t seconds = 0;
    const auto* const end = text.data() + text.size();
    const bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || text.size() > longest_time || std::from_chars(text.data(), end, seconds).ec != std::errc{})
        return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

// nullopt when the header does not have its form; two times would leave open which of them was signed.
std::optional<signature> read_signature(std::string_view header) {
    signature found;
    bool has_time = false;
    while (true) {
        const auto comma = header.find(',');
        const std::string_view element = header.substr(0, comma);
        const auto equals = element.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::string_view scheme = element.substr(0, equals);
        const std::string_view value = element.substr(equals + 1);
        if (scheme == "t") {
            const auto time = read_time(value);
            if (!time || has_time) return std::nullopt;
            has_time = true;
            found.time_text = value;
            found.time = *time;
        } else if (scheme == "v1") {
            found.macs.push_back(value);
        }
        if (comma == std::string_view::npos) break;
        header.remove_prefix(comma + 1);
    }
    if (!has_time || found.macs.empty()) return std::nullopt;
    return found;
}

verdict judge(const signed_delivery& given) {
    const auto read = read_signature(given.request.header(signature_header).value_or(""));
    if (!read) return verdict::malformed;
    const std::string expected = hex(hmac_sha256(given.secret, {read->time_text, ".", given.request.body}));
    const bool genuine = std::any_of(read->macs.begin(), read->macs.end(), [&](std::string_view mac) {
        return equal_in_constant_time(expected, mac);
    });
    // Only of a genuine signature is it worth telling that its time is the reason.
    if (!genuine) return verdict::wrong;
    return std::chrono::abs(given.now - read->time) <= stripe_tolerance ? verdict::good
                                                                        : verdict::out_of_time;
}

task<judgement> check(const signed_delivery& given) {
    co_return judgement{judge(given)};
}

}  // namespace

constinit const provider stripe{
    .name = "stripe",
    .title = "Stripe",
    .topic_paths = topic_paths,
    .topic_separator = '.',
    .signature_header = signature_header,
    .topic_header = {},
    .key_header = {},
    .account_header = {},
    .signature_hint =
        "Stripe-Signature is t=SECONDS,v1=HEX, and HEX is HMAC-SHA256(secret, SECONDS.body) over the "
        "exact bytes of the body, with the secret whsec_… that was given to `attributiond endpoint "
        "create`. Other schemes than v1 are passed over.",
    .check = &check,
};

}  // namespace attribution::webhooks
