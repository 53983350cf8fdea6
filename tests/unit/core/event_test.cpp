#include "core/providers/event.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/json/document.hpp"
#include "core/providers/timestamp.hpp"

using namespace attribution;
using namespace attribution::providers;

namespace {

delivery_facts facts() {
    delivery_facts result;
    result.source = "shopify";
    result.topic = "orders/create";
    result.delivery_key = "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043";
    result.digest_hex = std::string(64, 'a');
    return result;
}

}  // namespace

TEST(event, writes_every_part_of_the_contract) {
    event from;
    from.delivery = make_delivery(facts());
    from.delivery.endpoint_id = "whe_1";
    from.conversion = conversion{"1", "2021-12-31T19:00:00Z", {}, "{\"a\":1}"};
    from.conversion->signals.source = "google";
    from.touchpoints.push_back({"", "2021-12-31T18:00:00Z", {}, ""});
    money_state state;
    state.money_key = "shopify:order:1";
    state.kind = money_kind::chargeback_reversal;
    state.cumulative_minor = 38800;
    state.currency = "USD";
    state.version_at = state.occurred_at = "2021-12-31T19:00:00Z";
    state.parent = "shopify:order:0";
    state.tax_minor = 0;
    from.states.push_back(state);
    EXPECT_EQ(
        to_json(from),
        R"({"version":1,"delivery":{"source":"shopify","key":"b54557e4-bdd9-4b37-8a5f-bf7d70bcd043","digest":")" +
            std::string(64, 'a') +
            R"(","topic":"orders/create","endpoint_id":"whe_1","books_revenue":true},)"
            R"("conversion":{"external_id":"1","occurred_at":"2021-12-31T19:00:00Z","signals":{"source":"google"},"payload":{"a":1}},)"
            R"("touchpoints":[{"occurred_at":"2021-12-31T18:00:00Z","signals":{}}],)"
            R"("states":[{"money_key":"shopify:order:1","kind":"chargeback_reversal","cumulative_minor":38800,"currency":"USD",)"
            R"("version_at":"2021-12-31T19:00:00Z","occurred_at":"2021-12-31T19:00:00Z","parent":"shopify:order:0","tax_minor":0}]})");
}

TEST(event, rejection_carries_code_detail_and_length) {
    const event rejected =
        rejected_event(facts(), error(invalid_event, "invalid event", "Not an order."), 1234);
    const std::string text = to_json(rejected);
    const json::document document = json::parse(text);
    EXPECT_EQ(document["rejected"]["code"].text(), "RA007");
    EXPECT_EQ(document["rejected"]["detail"].text(), "Not an order.");
    EXPECT_EQ(document["rejected"]["length"].text(), "1234");
    EXPECT_FALSE(document["conversion"].exists());
}

TEST(event, unusable_delivery_keys_and_topics_are_left_out) {
    for (const char* key : {"", "jon@example.com", "a b", "-x", "é", "555-123-4567", "x\n"}) {
        delivery_facts bad = facts();
        bad.delivery_key = bad.topic = key;
        EXPECT_EQ(make_delivery(bad).key, "") << key;
        EXPECT_EQ(make_delivery(bad).topic, "") << key;
    }
    EXPECT_TRUE(is_key(std::string(200, 'k')));
    EXPECT_FALSE(is_key(std::string(201, 'k')));
    EXPECT_TRUE(is_key("shopify:order:820982911946154508"));
}

TEST(event, arrays_of_elements) {
    EXPECT_EQ(to_json_array({}), "[]");
    EXPECT_EQ(to_json_array({"{}", "{\"a\":1}"}), "[{},{\"a\":1}]");
}

TEST(event, timestamps) {
    for (const char* text : {"2021-12-31T19:00:00-05:00", "2021-12-31T19:00:00Z",
                             "2024-02-29T00:00:00.123456789+05:45", "2021-12-31t19:00:00z"})
        EXPECT_TRUE(is_timestamp(text)) << text;
    for (const char* text : {"",
                             "2021-12-31",
                             "2021-12-31T19:00:00",
                             "2021-02-29T00:00:00Z",
                             "2021-13-01T00:00:00Z",
                             "2021-12-00T00:00:00Z",
                             "2021-04-31T00:00:00Z",
                             "2021-12-31T24:00:00Z",
                             "2021-12-31T19:60:00Z",
                             "2021-12-31T19:00:60Z",
                             "2021-12-31T19:00:00.Z",
                             "2021-12-31T19:00:00.1234567890Z",
                             "2021-12-31T19:00:00+16:00",
                             "2021-12-31T19:00:00+0500",
                             "2021-12-31 19:00:00Z",
                             "0000-01-01T00:00:00Z",
                             "infinity",
                             "now",
                             "2021-12-31T19:00:00Zx",
                             "1900-02-29T00:00:00Z",
                             "+021-12-31T19:00:00Z"})
        EXPECT_FALSE(is_timestamp(text)) << text;
}
