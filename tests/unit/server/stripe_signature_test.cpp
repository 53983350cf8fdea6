#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

#include "server/webhooks/signature.hpp"
#include "server/webhooks/stripe.hpp"
#include "tests/unit/server/run_task.hpp"

using namespace attribution;
using namespace std::chrono_literals;
using webhooks::verdict;

namespace {

constexpr std::string_view secret = "whsec_0123456789";
constexpr std::string_view body = R"({"id":"evt_1"})";
constexpr std::chrono::sys_seconds signed_at{1'700'000'000s};

std::string mac_with(std::string_view key, const std::string& time = "1700000000") {
    return webhooks::hex(webhooks::hmac_sha256(key, {time, ".", body}));
}

verdict check(const std::string& header, std::chrono::sys_seconds now = signed_at) {
    http::request r;
    r.fields = {{"stripe-signature", header}};
    r.body = body;
    const webhooks::signed_delivery given{r, secret, now, nullptr};
    return run(webhooks::stripe.check(given)).found;
}

const std::string good = mac_with(secret);
const std::string other = mac_with("whsec_other");
const std::string good_too = ",v1=" + good;
const std::string other_too = ",v1=" + other;
const std::string v0_too = ",v0=" + good;
const std::string good_first = "t=1700000000,v1=" + good;
const std::string other_first = "t=1700000000,v1=" + other;

// Made with OpenSSL's command line, not with our code.
TEST(stripe_signature, is_what_others_make) {
    EXPECT_EQ(good, "2fec00e092924397533a441c5f5e840ea4c446fb846177802a25de63bbbdd1fe");
}

TEST(stripe_signature, is_accepted) {
    for (const std::string& header : std::vector<std::string>{
             "t=1700000000,v1=" + good,
             "v1=" + good + ",t=1700000000",
             other_first + good_too,
             good_first + other_too,
             "t=1700000000,v0=0,v1=" + good + ",v2=a=b,=",
         })
        EXPECT_EQ(check(header), verdict::good) << header;
}

TEST(stripe_signature, belongs_to_time_body_and_secret) {
    std::string upper = good;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (const std::string& header : std::vector<std::string>{
             "t=1700000000,v1=" + other,
             "t=1700000001,v1=" + good,
             "t=01700000000,v1=" + good,
             "t=1700000000,v1=" + upper,
             "t=1700000000,v1=" + good.substr(0, 32),
             "t=1700000000,v1=" + good + "0",
             "t=1700000000,v1=",
             other_first + v0_too,
         })
        EXPECT_EQ(check(header), verdict::wrong) << header;
}

TEST(stripe_signature, has_one_form) {
    for (const std::string& header : std::vector<std::string>{
             "",
             ",",
             good,
             "v1=" + good,
             "t=1700000000",
             "t=1700000000,v0=" + good,
             "t=1700000000, v1=" + good,
             "t=,v1=" + good,
             "t=now,v1=" + good,
             "t=-1700000000,v1=" + good,
             "t=+1700000000,v1=" + good,
             "t=1700000000.0,v1=" + good,
             "t=9999999999999999999999,v1=" + good,
             "t=1700000000,t=1700000000,v1=" + good,
             "t=1700000000,v1=" + good + ",",
             "t=1700000000,v1=" + good + ",more",
         })
        EXPECT_EQ(check(header), verdict::malformed) << header;
}

TEST(stripe_signature, lasts_300_seconds_in_both_directions) {
    const std::string header = "t=1700000000,v1=" + good;
    EXPECT_EQ(check(header, signed_at + 300s), verdict::good);
    EXPECT_EQ(check(header, signed_at + 301s), verdict::out_of_time);
    EXPECT_EQ(check(header, signed_at - 300s), verdict::good);
    EXPECT_EQ(check(header, signed_at - 301s), verdict::out_of_time);
    EXPECT_EQ(check("t=0,v1=" + mac_with(secret, "0")), verdict::out_of_time);
    EXPECT_EQ(check("t=999999999999,v1=" + mac_with(secret, "999999999999")), verdict::out_of_time);
    // Whether a time is the reason is told of genuine signatures only.
    EXPECT_EQ(check("t=1700000000,v1=" + other, signed_at + 301s), verdict::wrong);
}

}  // namespace
