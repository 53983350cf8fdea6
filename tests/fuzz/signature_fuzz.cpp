// Signatures of webhooks: only who knows the secret makes a good one. The input is a header, a line feed and
// a body.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "server/webhooks/shopify.hpp"
#include "server/webhooks/signature.hpp"
#include "server/webhooks/stripe.hpp"
#include "server/webhooks/woocommerce.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace attribution;
using namespace attribution::webhooks;

namespace {

constexpr std::string_view secret = "whsec_fuzz";
constexpr std::chrono::sys_seconds now{std::chrono::seconds(1'790'000'000)};

// One line for each provider: what a genuine header is.
struct scheme {
    const provider& of;
    std::string (*genuine)(std::string_view body);
};
const scheme schemes[] = {
    {woocommerce, [](std::string_view body) { return base64(hmac_sha256(secret, {body})); }},
    {shopify, [](std::string_view body) { return base64(hmac_sha256(secret, {body})); }},
    {stripe,
     [](std::string_view body) {
         return "t=1790000000,v1=" + hex(hmac_sha256(secret, {"1790000000", ".", body}));
     }},
};

verdict judge(const provider& by, std::string_view header, std::string_view body) {
    http::request request;
    request.fields = {{by.signature_header, header}};
    request.body = body;
    const signed_delivery given{request, secret, now};
    verdict found = verdict::wrong;
    boost::asio::io_context context(1);
    boost::asio::co_spawn(
        context, [&]() -> task<void> { found = (co_await by.check(given)).found; }, boost::asio::detached);
    context.run();
    return found;
}

// The code of the signature, without what stands around it.
bool holds_the_code(std::string_view header, const std::string& genuine, std::string_view body) {
    if (header.find(genuine) != std::string_view::npos) return true;
    // Stripe signs a time of the sender's choice.
    const std::size_t time = header.find("t=");
    if (time == std::string_view::npos) return false;
    const std::string_view from = header.substr(time + 2);
    const std::string_view digits = from.substr(0, from.find(','));
    return header.find(hex(hmac_sha256(secret, {digits, ".", body}))) != std::string_view::npos;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [header, body] = fuzz::first_line(fuzz::text_of(data, size));
    for (const scheme& one : schemes) {
        const std::string genuine = one.genuine(body);
        const verdict given = judge(one.of, header, body);
        fuzz::require(given != verdict::good || holds_the_code(header, genuine, body),
                      "no good one without the secret");
        fuzz::require(judge(one.of, genuine, body) == verdict::good, "a genuine one is good");
        fuzz::require(judge(one.of, genuine, std::string(body) + " ") == verdict::wrong,
                      "it belongs to its body");
        std::string other = genuine;
        other[other.size() - 2] = other[other.size() - 2] == '0' ? '1' : '0';
        fuzz::require(judge(one.of, other, body) != verdict::good, "every character of it counts");
    }
    return 0;
}
