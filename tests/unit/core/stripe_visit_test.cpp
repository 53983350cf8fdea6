#include "core/providers/stripe_visit.hpp"

#include <gtest/gtest.h>

#include <string>

#include "stripe_bodies.hpp"

using namespace attribution;
using namespace attribution::providers;
using test::translate;

namespace {

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

conversion session(const std::string& metadata, const std::string& reference = "",
                   const std::string& success_url = "https://shop.example/thanks") {
    return *translate("checkout.session.completed",
                      {{"data.object.metadata", metadata},
                       {"data.object.client_reference_id", reference.empty() ? "null" : quoted(reference)},
                       {"data.object.success_url", quoted(success_url)}})
                .conversion;
}

}  // namespace

TEST(stripe_visit, the_fixture) {
    const conversion seen = *translate("checkout.session.completed").conversion;
    EXPECT_EQ(seen.signals, (channels::signals{"google", "cpc", "summer", "", "", "", "", ""}));
    EXPECT_EQ(seen.journey_id, "");  // sess-77 is too short to be one
    EXPECT_EQ(seen.order_ref, "");
    EXPECT_EQ(translate("charge.succeeded").conversion->signals, channels::signals{});
}

TEST(stripe_visit, metadata_comes_before_the_reference_and_the_url) {
    EXPECT_EQ(session(R"({"UTM_Source":"a","utm_id":"7","color":"red"})", "utm_source=b|utm_medium=m",
                      "https://shop.example/t?utm_medium=x&utm_campaign=c%20d&session={CHECKOUT_SESSION_ID}")
                  .signals,
              (channels::signals{"a", "m", "c d", "", "", "", "", ""}));
    EXPECT_EQ(session("{}", "utm_source=b&utm_medium=m&gclid=Cj0K").signals,
              (channels::signals{"b", "m", "", "", "", "", "gclid", ""}));
    EXPECT_EQ(session(R"({"fbclid":"abc"})", "gclid=1").signals.click_id, "fbclid");
    EXPECT_EQ(session("{}", "", "https://shop.example/t?msclkid=1").signals.click_id, "msclkid");
    EXPECT_EQ(session("[]").signals, channels::signals{});
    EXPECT_EQ(session(R"({"utm_source":5,"utm_medium":null})").signals.medium, "");
    EXPECT_EQ(session(R"({"utm_term":"ana@example.com"})").signals.term, "[redacted]");
}

TEST(stripe_visit, journeys) {
    EXPECT_EQ(session(R"({"journey_id":"j-4f0c2a1e"})", "visit-12345678").journey_id, "j-4f0c2a1e");
    EXPECT_EQ(session("{}", "7d9f3c1a-5b2e-4c6d-8e9f-0a1b2c3d4e5f").journey_id,
              "7d9f3c1a-5b2e-4c6d-8e9f-0a1b2c3d4e5f");
    EXPECT_EQ(session("{}", "utm_source=google|sess-777").journey_id, "sess-777");
    EXPECT_EQ(session("{}", "sess-777&utm_source=google").journey_id, "sess-777");
    EXPECT_EQ(session(R"({"journey_id":"seven77"})", "seven77").journey_id, "");
    for (const char* bad :
         {"ana.pereira@example.com", "Ana Pereira 1", "ana.pereira", "555-123-4567", "utm_source=12345678"})
        EXPECT_EQ(session("{}", bad).journey_id, "") << bad;
    EXPECT_EQ(session(R"({"journey_id":"ana@example.com"})").journey_id, "");
}

TEST(stripe_visit, orders) {
    EXPECT_EQ(session(R"({"order_id":"1001"})").order_ref, "1001");
    EXPECT_EQ(session(R"({"order_id":"#1001"})").order_ref, "1001");
    EXPECT_EQ(session(R"({"order_id":"wc-2026/1001"})").order_ref, "wc-2026/1001");
    EXPECT_EQ(session(R"({"shopify_order_id":"gid://shopify/Order/820982911946154508"})").order_ref,
              "820982911946154508");
    EXPECT_EQ(session(R"({"woocommerce_order_id":"727"})").order_ref, "727");
    EXPECT_EQ(session(R"({"order_id":"4242424242424242"})").order_ref, "4242424242424242");
    for (const char* bad : {"ana@example.com", "Order of Ana", "", "555-123-4567"})
        EXPECT_EQ(session("{\"order_id\":" + quoted(bad) + "}").order_ref, "") << bad;
    EXPECT_EQ(
        translate("refund.created", {{"data.object.metadata", R"({"order_id":"1001"})"}}).notice->order_ref,
        "1001");
}
