// Items of a merchant's own code: what becomes of each, what is refused and why.
#include "core/providers/merchant.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/json/canonical.hpp"
#include "tests/unit/core/seed.hpp"

using namespace attribution;
using namespace attribution::providers;

namespace {

event translate(const std::string& item) {
    const json::document document = json::parse(item);
    return merchant::translate(merchant::facts_of(document.root(), std::string(64, 'a'), ""),
                               document.root());
}

// "RA007 detail", or "accepted".
std::string refusal_of(const std::string& item) {
    try {
        (void)translate(item);
    } catch (const error& e) {
        return std::string(e.sqlstate()) + " " + e.detail();
    }
    return "accepted";
}

const std::string visit_part = R"("occurred_at": "2026-11-22T10:00:00Z")";

std::string touchpoint(const std::string& more) {
    return R"({"type": "touchpoint", )" + visit_part + more + "}";
}

std::string conversion(const std::string& more) {
    return R"({"type": "conversion", "order_id": "1001", )" + visit_part + more + "}";
}

std::string refund(const std::string& more) {
    return R"({"type": "refund", "order_id": "1001", )" + visit_part + more + "}";
}

TEST(merchant, a_touchpoint_has_the_signals_of_its_urls) {
    const event e = translate(touchpoint(
        R"(, "id": "visit-1", "journey_id": "j-0123456789", "referrer": "https://www.google.com/search?q=lamp",
           "url": "https://shop.example.com/lamps?utm_source=google&utm_medium=cpc&gclid=secret&token=secret")"));
    EXPECT_EQ(e.delivery.source, "api");
    EXPECT_EQ(e.delivery.topic, "touchpoint");
    EXPECT_EQ(e.delivery.key, "visit-1");
    ASSERT_EQ(e.touchpoints.size(), 1U);
    channels::signals expected;
    expected.source = "google";
    expected.medium = "cpc";
    expected.referrer_host = "www.google.com";
    expected.click_id = "gclid";
    expected.landing_path = "/lamps";
    EXPECT_EQ(e.touchpoints[0].signals, expected);
    EXPECT_EQ(e.touchpoints[0].external_id, "visit-1");
    EXPECT_EQ(e.touchpoints[0].journey_id, "j-0123456789");
    EXPECT_FALSE(e.conversion || e.notice);
    EXPECT_TRUE(e.states.empty());
    EXPECT_EQ(to_json(e).find("secret"), std::string::npos);
}

TEST(merchant, what_the_item_says_itself_counts_more_than_its_url) {
    const event e = translate(touchpoint(
        R"(, "url": "https://shop.example.com/?utm_source=google&utm_medium=cpc", "source": "letter", "term": "lamp",
           "click_id": "MSCLKID")"));
    EXPECT_EQ(e.touchpoints.at(0).signals.source, "letter");
    EXPECT_EQ(e.touchpoints.at(0).signals.medium, "cpc");
    EXPECT_EQ(e.touchpoints.at(0).signals.term, "lamp");
    EXPECT_EQ(e.touchpoints.at(0).signals.click_id, "msclkid");
}

TEST(merchant, a_page_without_anything_is_direct_unless_the_item_says_more) {
    EXPECT_EQ(
        translate(touchpoint(R"(, "url": "https://shop.example.com/")")).touchpoints.at(0).signals.medium,
        "(none)");
    const event e = translate(touchpoint(R"(, "url": "https://shop.example.com/", "campaign": "spring")"));
    EXPECT_EQ(e.touchpoints.at(0).signals.medium, "");
}

TEST(merchant, personal_data_in_urls_is_left_out_not_refused) {
    const event e = translate(touchpoint(
        R"(, "url": "https://shop.example.com/welcome/jon@example.com?utm_source=jon%40example.com&utm_medium=email",
           "referrer": "https://mail.example.com/jon@example.com")"));
    EXPECT_EQ(e.touchpoints.at(0).signals.source, "[redacted]");
    EXPECT_EQ(e.touchpoints.at(0).signals.landing_path, "");
    EXPECT_EQ(to_json(e).find("jon"), std::string::npos);
}

TEST(merchant, a_conversion_is_the_state_of_its_order) {
    const event e = translate(conversion(
        R"(, "id": "order-1001-2", "updated_at": "2026-11-23T08:00:00+01:00", "amount": "59.90", "currency": "EUR",
           "tax": "9.56", "shipping": "4.90", "journey_id": "j-0123456789", "source": "news", "medium": "email")"));
    ASSERT_TRUE(e.conversion.has_value());
    EXPECT_EQ(e.conversion->external_id, "1001");
    EXPECT_EQ(e.conversion->order_ref, "1001");
    EXPECT_EQ(e.conversion->journey_id, "j-0123456789");
    EXPECT_EQ(e.conversion->signals.source, "news");
    EXPECT_EQ(e.conversion->payload, R"({"kind":"capture","currency":"EUR","amount_minor":5990})");
    ASSERT_EQ(e.states.size(), 1U);
    EXPECT_EQ(e.states[0].money_key, "merchant:order:1001");
    EXPECT_EQ(e.states[0].kind, money_kind::capture);
    EXPECT_EQ(e.states[0].cumulative_minor, 5990);
    EXPECT_EQ(e.states[0].tax_minor, 956);
    EXPECT_EQ(e.states[0].shipping_minor, 490);
    EXPECT_EQ(e.states[0].occurred_at, "2026-11-22T10:00:00Z");
    EXPECT_EQ(e.states[0].version_at, "2026-11-23T08:00:00+01:00");
    EXPECT_TRUE(e.delivery.books_revenue);
}

TEST(merchant, money_of_every_currency_is_exact) {
    const auto minor = [](const std::string& amount, const std::string& currency) {
        return translate(conversion(R"(, "amount": ")" + amount + R"(", "currency": ")" + currency + "\""))
            .states.at(0)
            .cumulative_minor;
    };
    EXPECT_EQ(minor("500", "JPY"), 500);
    EXPECT_EQ(minor("1.005", "KWD"), 1005);
    EXPECT_EQ(minor("0.00", "EUR"), 0);
    EXPECT_EQ(minor("90071992547409.93", "USD"), 9007199254740993);
}

TEST(merchant, a_conversion_without_an_amount_moves_no_money) {
    const event e = translate(conversion(R"(, "id": "signup-1", "amount": null)"));
    EXPECT_TRUE(e.states.empty());
    EXPECT_EQ(e.conversion->payload, "{}");
}

TEST(merchant, evidence_keeps_its_states_for_the_database_to_leave_unbooked) {
    const event e = translate(conversion(R"(, "amount": "1.00", "currency": "EUR", "books_revenue": false)"));
    EXPECT_FALSE(e.delivery.books_revenue);
    EXPECT_EQ(e.states.size(), 1U);
}

TEST(merchant, a_refund_is_money_of_its_own_whose_parent_is_the_order) {
    const event e =
        translate(refund(R"(, "id": "d-7", "refund_id": "r-7", "amount": "5.00", "currency": "EUR")"));
    ASSERT_TRUE(e.notice.has_value());
    EXPECT_EQ(e.notice->order_ref, "1001");
    EXPECT_EQ(e.notice->payload, R"({"kind":"refund","currency":"EUR","amount_minor":500})");
    ASSERT_EQ(e.states.size(), 1U);
    EXPECT_EQ(e.states[0].money_key, "merchant:refund:r-7");
    EXPECT_EQ(e.states[0].parent, "merchant:order:1001");
    EXPECT_EQ(e.states[0].kind, money_kind::refund);
    EXPECT_EQ(e.states[0].cumulative_minor, 500);

    const event named_by_id = translate(refund(R"(, "id": "d-7", "amount": "5.00", "currency": "EUR")"));
    EXPECT_EQ(named_by_id.states.at(0).money_key, "merchant:refund:d-7");
}

TEST(merchant, without_an_id_the_delivery_has_no_key_but_its_digest) {
    const event e = translate(touchpoint(""));
    EXPECT_EQ(e.delivery.key, "");
    EXPECT_EQ(e.delivery.digest, std::string(64, 'a'));
}

struct refused {
    std::string item;
    std::string why;
};

TEST(merchant, every_refusal_names_its_member) {
    const std::string money = R"(, "amount": "1.00", "currency": "EUR")";
    const std::vector<refused> all{
        {"17", "RA007 The item is not a JSON object."},
        {"[]", "RA007 The item is not a JSON object."},
        {"{}", R"(RA007 Member "type")"},
        {R"({"type": "purchase"})", R"(RA007 Member "type")"},
        {R"({"type": 1})", R"(RA007 Member "type" must be a text.)"},
        {R"({"type": "touchpoint"})", R"(RA007 Member "occurred_at" is missing.)"},
        {R"({"type": "touchpoint", "occurred_at": "2026-11-22"})", R"(RA007 Member "occurred_at" must be)"},
        {R"({"type": "touchpoint", "occurred_at": "2026-11-22T10:00:00"})",
         R"(RA007 Member "occurred_at" must be)"},
        {R"({"type": "touchpoint", "occurred_at": 1732269600})", R"(RA007 Member "occurred_at" must be)"},
        {touchpoint(R"(, "id": 17)"), R"(RA007 Member "id" must be a text.)"},
        {touchpoint(R"(, "id": "")"), R"(RA007 Member "id" must be 1 to 100)"},
        {touchpoint(R"(, "id": "a b")"), R"(RA007 Member "id" must be 1 to 100)"},
        {touchpoint(R"(, "id": ")" + std::string(101, 'x') + "\""), R"(RA007 Member "id" must be 1 to 100)"},
        {touchpoint(R"(, "journey_id": "219-09-9123")"), "RA001 JSON path $.journey_id"},
        {touchpoint(R"(, "journey_id": "short")"), R"(RA007 Member "journey_id" must be 8 to 100)"},
        {touchpoint(R"(, "url": 1)"), R"(RA007 Member "url" must be a text.)"},
        {touchpoint(R"(, "source": true)"), R"(RA007 Member "source" must be a text.)"},
        {touchpoint(R"(, "click_id": "Cj0KCQiA")"), R"(RA007 Member "click_id" must be the name)"},
        {touchpoint(R"(, "order_id": "1001")"), R"(RA007 Member "order_id" is not one that)"},
        {touchpoint(R"(, "ocurred": "x")"), R"(RA007 Member "ocurred" is not one that)"},
        {touchpoint(R"(, "Two Words": "x")"), "RA007 The item has a member that none of its type has."},
        {R"({"type": "conversion", )" + visit_part + "}", R"(RA007 Member "order_id" is missing.)"},
        {conversion(R"(, "amount": "1.00")"), R"(RA007 Member "currency" is missing.)"},
        {conversion(R"(, "currency": "EUR")"), R"(RA007 Member "amount" is missing)"},
        {conversion(R"(, "amount": 59.90, "currency": "EUR")"),
         R"(RA005 Member "amount" must be a decimal text)"},
        {conversion(R"(, "amount": "59,90", "currency": "EUR")"), R"(RA005 Member "amount" is refused)"},
        {conversion(R"(, "amount": "59.905", "currency": "EUR")"), R"(RA005 Member "amount" is refused)"},
        {conversion(R"(, "amount": "-1.00", "currency": "EUR")"), R"(RA005 Member "amount" is negative.)"},
        {conversion(R"(, "amount": "1.00", "currency": "eur")"), R"(RA006 Member "currency" is not a code)"},
        {conversion(R"(, "amount": "1.00", "currency": 978)"), R"(RA007 Member "currency" must be a text.)"},
        {conversion(money + R"(, "tax": "0.001")"), R"(RA005 Member "tax" is refused)"},
        {conversion(money + R"(, "shipping": "-1.00")"), R"(RA005 Member "shipping" is negative.)"},
        {conversion(money + R"(, "updated_at": "yesterday")"), R"(RA007 Member "updated_at" must be)"},
        {conversion(money + R"(, "books_revenue": "no")"), R"(RA007 Member "books_revenue" must be)"},
        {refund(money), R"(RA007 Member "id" is missing.)"},
        {refund(R"(, "id": "r-1")"), R"(RA007 Member "amount" is missing.)"},
        {refund(R"(, "id": "r-1", "amount": "1.00")"), R"(RA007 Member "currency" is missing.)"},
        {refund(money + R"(, "id": "r-1", "journey_id": "j-0123456789")"),
         R"(RA007 Member "journey_id" is not)"},
    };
    for (const auto& [item, why] : all)
        EXPECT_TRUE(refusal_of(item).starts_with(why)) << item << "\n" << refusal_of(item);
}

TEST(merchant, personal_data_is_refused_with_its_path_and_never_quoted) {
    const std::vector<refused> all{
        {touchpoint(R"(, "id": "jon@example.com")"), "JSON path $.id holds personal data (email)"},
        {touchpoint(R"(, "source": "+49 30 1234567")"), "JSON path $.source holds personal data (phone)"},
        {touchpoint(R"(, "campaign": "for jon%40example.com")"),
         "JSON path $.campaign holds personal data (email)"},
        {touchpoint(R"(, "email": "x")"), "JSON path $.email holds personal data (personal_key)"},
        {touchpoint(R"(, "extra": {"list": [1, {"text": "jon@example.com"}]})"),
         "JSON path $.extra.list[1].text holds personal data (email)"},
        {touchpoint(R"(, "jon@example.com": 1)"), "JSON path $.(masked) holds personal data (email)"},
        {touchpoint(R"(, "extra": {"url": "jon@example.com"})"),
         "JSON path $.extra.url holds personal data (email)"},
        {touchpoint(R"(, "url": {"a": "jon@example.com"})"), "JSON path $.url.a holds personal data (email)"},
        {conversion(R"(, "shipping": {"address1": "x"})"),
         "JSON path $.shipping.address1 holds personal data (personal_key)"},
        {touchpoint(R"(, "extra": {"shipping": 1})"),
         "JSON path $.extra.shipping holds personal data (personal_key)"},
        {touchpoint(R"(, "10": {"0": {"0": {"1": "jon@example.com"}}})"),
         "JSON path $.(masked) holds personal data (email)"},
        {R"({"type": "jon@example.com"})", "JSON path $.type holds personal data (email)"},
    };
    for (const auto& [item, why] : all) {
        const std::string refusal = refusal_of(item);
        EXPECT_TRUE(refusal.starts_with("RA001 " + why)) << item << "\n" << refusal;
        EXPECT_EQ(refusal.find("jon"), std::string::npos);
    }
}

TEST(merchant, ids_that_look_like_card_numbers_are_ids) {
    const event e = translate(refund(R"(, "id": "4111111111111111", "amount": "1.00", "currency": "EUR")"));
    EXPECT_EQ(e.delivery.key, "4111111111111111");
}

TEST(merchant, facts_of_an_unusable_item_are_what_can_be_used) {
    const json::document document = json::parse(R"({"type": "jon@example.com", "id": "jon@example.com"})");
    const delivery made = make_delivery(merchant::facts_of(document.root(), "d", "c"));
    EXPECT_EQ(made.key, "");
    EXPECT_EQ(made.topic, "");
    EXPECT_EQ(made.digest, "d");
    EXPECT_EQ(made.correlation_id, "c");
}

event visit(const std::string& more, const std::string& received_at = "2026-11-22T10:00:00Z") {
    const json::document document = json::parse(R"({"id": "v1-abcd", )" + more + "}");
    delivery_facts facts;
    facts.source = "tracker";
    facts.delivery_key = document.root()["id"].text();
    return merchant::translate_visit(facts, document.root(), received_at);
}

std::string visit_refusal(const std::string& more) {
    try {
        (void)visit(more);
    } catch (const error& e) {
        return std::string(e.sqlstate()) + " " + e.detail();
    }
    return "accepted";
}

TEST(merchant, a_visit_from_a_browser_is_a_touchpoint) {
    const event e = visit(R"("url": "https://shop.example.com/lamps?utm_source=google&utm_medium=cpc&gclid=1",
        "referrer": "www.google.com", "journey_id": "j1-abcdefgh")");
    ASSERT_EQ(e.touchpoints.size(), 1U);
    EXPECT_EQ(e.delivery.source, "tracker");
    EXPECT_EQ(e.touchpoints[0].external_id, "v1-abcd");
    EXPECT_EQ(e.touchpoints[0].journey_id, "j1-abcdefgh");
    EXPECT_EQ(e.touchpoints[0].signals.source, "google");
    EXPECT_EQ(e.touchpoints[0].signals.click_id, "gclid");
    EXPECT_EQ(e.touchpoints[0].signals.referrer_host, "www.google.com");
    EXPECT_FALSE(e.conversion);
    EXPECT_TRUE(e.states.empty());
}

TEST(merchant, a_visit_occurred_when_it_came_unless_the_browser_was_near) {
    const auto at = [](const std::string& told) {
        return visit(R"("url": "/", "occurred_at": )" + told).touchpoints[0].occurred_at;
    };
    const std::string received = "2026-11-22T10:00:00Z";
    EXPECT_EQ(visit(R"("url": "/")").touchpoints[0].occurred_at, received);
    EXPECT_EQ(at("null"), received);
    for (const std::string near : {"2026-11-22T09:50:00Z", "2026-11-22T10:10:00Z",
                                   "2026-11-22T15:45:00.5+05:45", "2026-11-22T05:00:00-05:00"})
        EXPECT_EQ(at('"' + near + '"'), near);
    for (const std::string far :
         {"2026-11-22T09:49:59Z", "2026-11-22T10:10:01Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
          "2026-11-22T10:00:00+05:45", "0001-01-01T00:00:00Z"})
        EXPECT_EQ(at('"' + far + '"'), received);
}

TEST(merchant, a_page_sends_nothing_but_visits) {
    EXPECT_EQ(visit_refusal(R"("url": "/", "type": "touchpoint")"), "accepted");
    for (const std::string type : {R"("conversion")", R"("refund")", R"("anything")"})
        EXPECT_TRUE(visit_refusal(R"("url": "/", "type": )" + type).starts_with("RA010 ")) << type;
    EXPECT_TRUE(visit_refusal(R"("url": "/", "type": 5)").starts_with("RA007 "));
    EXPECT_EQ(visit_refusal(R"("url": "/", "amount": "1.00")"),
              R"(RA007 Member "amount" is not one that an item of this type has.)");
    EXPECT_EQ(visit_refusal(R"("referrer": "a.example")"), R"(RA007 Member "url" is missing.)");
    EXPECT_TRUE(visit_refusal(R"("url": "/", "journey_id": "short")").starts_with("RA007 "));
    EXPECT_TRUE(visit_refusal(R"("url": "/", "journey_id": "555-123-4567")").starts_with("RA001 "));
}

// As tracker.js makes them.
TEST(merchant, no_id_of_the_tracker_looks_like_personal_data) {
    test::random_source random;
    for (int i = 0; i < 20'000; ++i) {
        std::string id = "j1-";
        for (int letter = 0; letter < 32; ++letter) id += static_cast<char>('a' + random.below(16));
        ASSERT_TRUE(is_journey_id(id)) << id << " " << test::seed_note();
    }
}

TEST(canonical, is_one_text_for_one_value) {
    const auto canonical = [](const std::string& text) { return json::canonical(json::parse(text).root()); };
    EXPECT_EQ(canonical(R"( { "b" : [ 1.50, "\u0041\n", null ] , "a" : { "z": true, "y": {} } } )"),
              R"({"a":{"y":{},"z":true},"b":[1.50,"A\n",null]})");
    EXPECT_NE(canonical("[1]"), canonical("[1.0]"));
    EXPECT_NE(canonical(R"(["1"])"), canonical("[1]"));
}

}  // namespace
