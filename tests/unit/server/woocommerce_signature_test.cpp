#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/webhooks/signature.hpp"
#include "server/webhooks/woocommerce.hpp"
#include "tests/unit/server/run_task.hpp"

using namespace attribution;
using webhooks::verdict;
using webhooks::woocommerce;

namespace {

constexpr std::string_view body = R"({"id":727})";

std::string sign(std::string_view secret) {
    return webhooks::base64(webhooks::hmac_sha256(secret, {body}));
}

verdict check(std::string_view secret, const std::string& header) {
    http::request r;
    r.fields = {{"x-wc-webhook-signature", header}};
    r.body = body;
    const webhooks::signed_delivery given{r, secret, {}};
    return run(woocommerce.check(given)).found;
}

http::request request_with(std::vector<http::field> fields) {
    http::request r;
    r.fields = std::move(fields);
    return r;
}

}  // namespace

// Made with OpenSSL's command line, not with our code.
TEST(woocommerce_signature, is_what_others_make) {
    EXPECT_EQ(sign("a&b"), "fvvfKrQTDGAWM83fuFQAeFPz+Xaj5zHi22J9mwwzwd8=");
}

TEST(woocommerce_signature, belongs_to_body_and_secret) {
    EXPECT_EQ(check("secret", sign("secret")), verdict::good);
    EXPECT_EQ(check("secret", sign("other")), verdict::wrong);
    EXPECT_EQ(check("secret", ""), verdict::wrong);
    EXPECT_EQ(check("secret", sign("secret") + "="), verdict::wrong);
}

TEST(woocommerce_signature, entities_in_the_secret_are_decoded_once) {
    for (const auto& [stored, signed_with] : std::vector<std::pair<std::string, std::string>>{
             {"a&amp;b", "a&b"},
             {"&lt;&gt;&quot;&#039;", "<>\"'"},
             {"&#38;&#00038;&#x26;&#X0026;&#60;&#062;&#34;&#x22;&#39;&#x027;", "&&&&<>\"\"''"},
             {"&amp;amp;", "&amp;"},
             {"&&amp;;", "&&;"},
             {"a&b;c", "a&b;c"},
             {"&apos;&nbsp;&#x3c;&#;&#x;&;&", "&apos;&nbsp;&#x3c;&#;&#x;&;&"},
         }) {
        EXPECT_EQ(webhooks::decode_entities(stored), signed_with);
        EXPECT_EQ(check(stored, sign(signed_with)), verdict::good) << stored;
    }
}

TEST(woocommerce_signature, a_secret_that_was_copied_from_a_form_is_taken_as_it_stands) {
    EXPECT_EQ(check("a&b", sign("a&b")), verdict::good);
    EXPECT_EQ(check("&amp;", sign("&amp;")), verdict::good);
}

TEST(woocommerce_signature, an_empty_secret_fits_nothing) {
    EXPECT_EQ(check("", sign("")), verdict::wrong);
}

TEST(woocommerce_signature, a_ping_has_no_headers_of_woocommerce_and_a_short_body) {
    EXPECT_TRUE(woocommerce.ping.fits(request_with({{"Content-Length", "12"}})));
    EXPECT_FALSE(woocommerce.ping.fits(request_with({})));
    EXPECT_FALSE(woocommerce.ping.fits(request_with({{"Content-Length", "100"}})));
    for (const char* own : {"X-WC-Webhook-Topic", "x-wc-webhook-signature", "X-WC-Anything"})
        EXPECT_FALSE(woocommerce.ping.fits(request_with({{"Content-Length", "12"}, {own, ""}}))) << own;
}

TEST(woocommerce_signature, a_ping_is_one_number) {
    EXPECT_TRUE(woocommerce.ping.is("webhook_id=5"));
    for (const char* other : {"", "webhook_id=", "webhook_id=5&a=1", "webhook_id=five", "webhook_id=-5",
                              "id=5", "webhook_id=123456789012345678901", R"({"id":727})"})
        EXPECT_FALSE(woocommerce.ping.is(other)) << other;
}

TEST(woocommerce_signature, a_store_is_the_same_however_its_url_is_written) {
    EXPECT_TRUE(woocommerce.is_same_account("https://Shop.example.com/", "shop.example.com"));
    EXPECT_FALSE(woocommerce.is_same_account("https://shop.example.com/de", "shop.example.com"));
}
