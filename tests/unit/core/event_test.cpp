#include "core/providers/event.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/json/document.hpp"
#include "core/providers/readable_facts.hpp"
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
    from.conversion = conversion{"1", "2021-12-31T19:00:00Z", {}, "{\"a\":1}", "", ""};
    from.conversion->signals.source = "google";
    from.touchpoints.push_back({"", "2021-12-31T18:00:00Z", {}, "", ""});
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
    delivery_facts evidence = facts();
    evidence.delivery_key = "evt_1";
    evidence.books_revenue = false;
    EXPECT_EQ(make_delivery(evidence).key, "evidence:evt_1");
    delivery_facts telling = facts();
    telling.delivery_key = telling.topic = "a.4111111111111111.b";
    EXPECT_EQ(make_delivery(telling).topic, "");
    EXPECT_TRUE(is_key(std::string(200, 'k')));
    EXPECT_FALSE(is_key(std::string(201, 'k')));
    EXPECT_TRUE(is_key("shopify:order:820982911946154508"));
}

TEST(event, transactions_of_conversions_and_notices) {
    event e;
    e.delivery = make_delivery(facts());
    e.conversion = conversion{"1", "2026-11-01T12:00:00Z", {}, "{}", "", "", "ch_12345678"};
    EXPECT_EQ(json::parse(to_json(e))["conversion"]["transaction_ref"].text(), "ch_12345678");
    e.conversion.reset();
    e.notice = notice{"2026-11-01T12:00:00Z", "{}", "1001", "1", "ch_12345678"};
    EXPECT_EQ(json::parse(to_json(e))["notice"]["transaction_ref"].text(), "ch_12345678");
    for (const char* none : {"", "123456", "jon@example.com", "a b c d e f", "555-123-4567"})
        EXPECT_EQ(transaction_ref_of(none), "") << none;
    EXPECT_EQ(transaction_ref_of("1234567"), "1234567");
}

TEST(event, parts_and_totals_say_so) {
    event e;
    e.delivery = make_delivery(facts());
    e.notice = notice{"2026-11-01T12:00:00Z", "{}", "1001"};
    money_state part;
    part.money_key = "stripe:refund:re_1";
    part.kind = money_kind::refund;
    part.currency = "EUR";
    part.role = money_role::part;
    part.gross_minor = 1500;
    money_state alone = part;
    alone.role = money_role::alone;
    alone.gross_minor.reset();
    e.states = {part, alone};
    const json::document document = json::parse(to_json(e));
    const json::value root = document.root();
    EXPECT_EQ(root["notice"]["order_ref"].text(), "1001");
    std::vector<json::value> states;
    for (const json::value state : root["states"]) states.push_back(state);
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(states[0]["role"].text(), "part");
    EXPECT_EQ(states[0]["gross_minor"].text(), "1500");
    EXPECT_FALSE(states[1]["role"].exists());
    EXPECT_FALSE(states[1]["gross_minor"].exists());
}

TEST(event, ignored_deliveries_give_their_reason) {
    event e;
    e.delivery = make_delivery(facts());
    e.ignored = ignore_reason::test_mode;
    const json::document document = json::parse(to_json(e));
    EXPECT_EQ(document.root()["ignored"]["reason"].text(), "test_mode");
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

TEST(event, seconds_of_timestamps) {
    EXPECT_EQ(seconds_of("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(seconds_of("1970-01-01t00:00:01.999z"), 1);
    EXPECT_EQ(seconds_of("2024-02-29T12:00:00+05:45"), 1709187300);
    EXPECT_EQ(seconds_of("2021-12-31T19:00:00.5-05:00"), 1640995200);
    EXPECT_EQ(seconds_of("9999-12-31T23:59:59Z"), 253402300799);
    EXPECT_EQ(seconds_of("0001-01-01T00:00:00Z"), -62135596800);
}

TEST(event, what_is_kept_of_a_refused_body) {
    EXPECT_EQ(
        readable_facts(R"({"id":820982911946154508,"total_price":"12.345","currency":"USD",)"
                       R"("updated_at":"2026-01-01T10:00:00+01:00","email":"jon@example.com",)"
                       R"("note":"call me","financial_status":"jon@example.com","status":"two words"})"),
        R"({"id":820982911946154508,"total_price":"12.345","currency":"USD",)"
        R"("updated_at":"2026-01-01T10:00:00+01:00"})");
    EXPECT_EQ(readable_facts(
                  R"({"id":"evt_1","object":"event","data":{"object":{"object":"charge","amount":1.5}}})"),
              R"({"object":"charge","amount":1.5,"id":"evt_1"})");
    EXPECT_EQ(
        readable_facts(R"({"currency":"Zebulon","status":"Jon","kind":"JON_ROE","financial_status":"paid"})"),
        R"({"financial_status":"paid"})");
    EXPECT_EQ(readable_facts(R"({"order_edit":{"id":7,"order_id":8,"staff_note":"Jon"}})"),
              R"({"id":7,"order_id":8})");
    EXPECT_EQ(readable_facts(R"({"amount":4111111111111111,"total":"4111111111111111","id":7})"),
              R"({"id":7})");
    for (const char* body : {"", "{", "[]", "1", "{}", R"({"name":"Jon"})", R"({"amount":1e131071})"})
        EXPECT_EQ(readable_facts(body), "");
}
