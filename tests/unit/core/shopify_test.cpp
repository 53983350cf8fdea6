#include "core/providers/shopify.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/json/document.hpp"
#include "samples.hpp"

using namespace attribution;
using namespace attribution::providers;

namespace {

using samples::changes;

std::string fixture(const std::string& name) {
    return samples::read("shopify/" + name);
}

// The sample order, paid and no test, with other values for some members.
std::string order(const changes& with = {}) {
    changes all{{"test", "false"}, {"financial_status", "\"paid\""}};
    all.insert(all.end(), with.begin(), with.end());
    return samples::changed("shopify/orders-create.json", all);
}

delivery_facts facts(std::string topic = "orders/create") {
    delivery_facts result;
    result.source = "shopify";
    result.topic = std::move(topic);
    result.delivery_key = "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043";
    result.digest_hex = std::string(64, '0');
    result.account = "jsmith.myshopify.com";
    return result;
}

event translate(const changes& with) {
    return shopify::translate(facts(), order(with));
}

std::string code_of(std::string_view body, const std::string& topic = "orders/create") {
    try {
        shopify::translate(facts(topic), body);
    } catch (const error& refused) {
        return std::string(refused.sqlstate());
    }
    return "accepted";
}

channels::signals signals_of(const std::string& landing, const std::string& referrer,
                             const std::string& attributes = "[]") {
    const auto quoted = [](const std::string& text) { return text.empty() ? "null" : "\"" + text + "\""; };
    return translate({{"landing_site", quoted(landing)},
                      {"referring_site", quoted(referrer)},
                      {"note_attributes", attributes}})
        .conversion->signals;
}

}  // namespace

TEST(shopify, paid_order) {
    const event result = translate({});
    ASSERT_TRUE(result.conversion);
    EXPECT_EQ(result.conversion->external_id, "820982911946154508");
    EXPECT_EQ(result.conversion->occurred_at, "2021-12-31T19:00:00-05:00");
    ASSERT_EQ(result.states.size(), 1U);
    const money_state& state = result.states[0];
    EXPECT_EQ(state.money_key, "shopify:order:820982911946154508");
    EXPECT_EQ(state.kind, money_kind::capture);
    EXPECT_EQ(state.cumulative_minor, 38800);
    EXPECT_EQ(state.currency, "USD");
    EXPECT_EQ(state.tax_minor, 0);
    EXPECT_EQ(state.shipping_minor, 1000);
    EXPECT_EQ(
        result.conversion->payload,
        R"({"financial_status":"paid","kind":"capture","amount_minor":38800,"currency":"USD","total_price":"388.00","total_tax":"0.00",)"
        R"("source_name":"web","line_item_count":2})");
    EXPECT_EQ(result.delivery.key, "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043");
}

TEST(shopify, captured_amount_by_financial_status) {
    for (const char* status : {"paid", "partially_refunded", "refunded"})
        EXPECT_EQ(
            translate({{"financial_status", '"' + std::string(status) + '"'}}).states.at(0).cumulative_minor,
            38800)
            << status;
    for (const char* status : {"\"pending\"", "\"authorized\"", "\"voided\"", "\"expired\"", "null"}) {
        const event result = translate({{"financial_status", status}});
        EXPECT_EQ(result.states.at(0).cumulative_minor, 0) << status;
        EXPECT_EQ(result.states.at(0).tax_minor, std::nullopt) << status;
        EXPECT_TRUE(result.conversion) << status;
    }
    const event part =
        translate({{"financial_status", "\"partially_paid\""}, {"total_outstanding", "\"88.01\""}});
    EXPECT_EQ(part.states.at(0).cumulative_minor, 29999);
    EXPECT_EQ(part.states.at(0).tax_minor, std::nullopt);
    EXPECT_EQ(part.states.at(0).shipping_minor, std::nullopt);
    EXPECT_EQ(code_of(order({{"financial_status", "\"partially_paid\""}})),
              "RA005");  // 398.00 outstanding of 388.00
    EXPECT_EQ(code_of(order({{"financial_status", "\"strange\""}})), "RA007");
    EXPECT_EQ(code_of(order({{"financial_status", ""}})), "RA007");
}

TEST(shopify, test_orders_are_only_counted) {
    const event result = shopify::translate(facts(), fixture("orders-create.json"));
    EXPECT_EQ(result.ignored, ignore_reason::test_mode);
    EXPECT_FALSE(result.conversion || result.notice);
    EXPECT_TRUE(result.states.empty());
    EXPECT_EQ(code_of(order({{"test", "\"no\""}})), "RA007");
}

TEST(shopify, unknown_topics_are_only_counted_whatever_they_carry) {
    for (const char* topic : {"products/create", "orders/unheard_of", ""})
        EXPECT_EQ(shopify::translate(facts(topic), "not JSON").ignored, ignore_reason::unknown_topic);
}

TEST(shopify, same_money_under_every_order_topic) {
    for (const char* topic : {"orders/create", "orders/paid", "orders/updated", "orders/cancelled"})
        EXPECT_EQ(shopify::translate(facts(topic), order()).states.at(0).money_key,
                  "shopify:order:820982911946154508");
    EXPECT_EQ(code_of(order(), "refunds/create"), "RA007");
}

TEST(shopify, money_follows_the_currency) {
    const event yen = translate({{"currency", "\"JPY\""},
                                 {"total_price", "\"12000\""},
                                 {"total_tax", "null"},
                                 {"total_shipping_price_set", "null"}});
    EXPECT_EQ(yen.states.at(0).cumulative_minor, 12000);
    EXPECT_EQ(yen.states.at(0).tax_minor, std::nullopt);
    EXPECT_EQ(
        translate({{"currency", "\"KWD\""}, {"total_price", "\"1.234\""}}).states.at(0).cumulative_minor,
        1234);
    EXPECT_EQ(code_of(order({{"total_price", "\"12.345\""}})), "RA005");
    EXPECT_EQ(code_of(order({{"total_price", "\"-1.00\""}})), "RA005");
    EXPECT_EQ(code_of(order({{"total_price", "1e400"}})), "RA005");
    EXPECT_EQ(code_of(order({{"currency", "\"QQQ\""}})), "RA006");
}

TEST(shopify, times) {
    const event result = translate(
        {{"processed_at", "\"2022-01-01T10:00:00+01:00\""}, {"updated_at", "\"2022-01-02T00:00:00Z\""}});
    EXPECT_EQ(result.states.at(0).occurred_at, "2022-01-01T10:00:00+01:00");
    EXPECT_EQ(result.states.at(0).version_at, "2022-01-02T00:00:00Z");
    EXPECT_EQ(translate({{"processed_at", "null"}}).conversion->occurred_at, "2021-12-31T19:00:00-05:00");
    EXPECT_EQ(code_of(order({{"processed_at", "null"}, {"created_at", "null"}})), "RA007");
    EXPECT_EQ(code_of(order({{"updated_at", "\"yesterday\""}})), "RA007");
}

TEST(shopify, refuses_what_is_no_order) {
    EXPECT_EQ(code_of(fixture("refunds-create.json")), "RA007");
    for (const char* body :
         {"", "{", "[]", "null", "{}", "\"order\"", "{\"id\":1}", "{\"id\":1,\"id\":1}", "\xff"})
        EXPECT_EQ(code_of(body), "RA007") << body;
    for (const char* member : {"id", "currency", "total_price", "updated_at"})
        EXPECT_EQ(code_of(order({{member, ""}})), "RA007") << member;
    for (const char* id :
         {"\"820982911946154508\"", "8.2e17", "-1", "0", "1.0", "null", "123456789012345678901"})
        EXPECT_EQ(code_of(order({{"id", id}})), "RA007") << id;
}

TEST(shopify, signals_of_the_landing_page) {
    const auto paid = signals_of(
        "/products/"
        "ipod?utm_source=google&utm_medium=cpc&utm_campaign=Spring+Sale&utm_content=a&utm_term=ipod&gclid="
        "Cj0K",
        "https://www.google.com/");
    EXPECT_EQ(paid, (channels::signals{"google", "cpc", "Spring Sale", "a", "ipod", "www.google.com", "gclid",
                                       "/products/ipod"}));
    EXPECT_EQ(signals_of("/", "").source, "(direct)");
    EXPECT_EQ(signals_of("/", "").medium, "(none)");
    EXPECT_EQ(signals_of("", ""), channels::signals{});
    EXPECT_EQ(signals_of("/?fbclid=1", "").source, "");
    EXPECT_EQ(signals_of("/", "https://blog.example.com/x").source, "");
    EXPECT_EQ(signals_of("/", "not a url").source, "");
}

TEST(shopify, the_shop_is_not_its_own_referrer) {
    for (const char* own : {"https://jsmith.myshopify.com/cart", "https://JSMITH.myshopify.com",
                            "https://www.jsmith.myshopify.com/"}) {
        EXPECT_EQ(signals_of("/", own).referrer_host, "") << own;
        EXPECT_EQ(signals_of("/", own).source, "(direct)") << own;
    }
    EXPECT_EQ(signals_of("/", "https://other.myshopify.com/").referrer_host, "other.myshopify.com");
    const event own_domain =
        translate({{"order_status_url", "\"https://www.shop.example/1/orders/2/authenticate?key=3\""},
                   {"landing_site", "\"/\""},
                   {"referring_site", "\"https://checkout.shop.example/\""}});
    EXPECT_EQ(own_domain.conversion->signals.referrer_host, "");
}

TEST(shopify, note_attributes_fill_what_is_missing) {
    const std::string attributes =
        R"([{"name":"UTM_Source","value":"tiktok"},{"name":"utm_medium","value":"paid"},{"name":"gift","value":"for Jon"},)"
        R"({"name":"utm_campaign","value":"jon@example.com"},5,{"name":7}])";
    const auto filled = signals_of("/", "", attributes);
    EXPECT_EQ(filled.source, "tiktok");
    EXPECT_EQ(filled.medium, "paid");
    EXPECT_EQ(filled.campaign, "[redacted]");
    EXPECT_EQ(signals_of("/?utm_source=google", "", attributes).source, "google");
}

TEST(shopify, discount_codes_only_when_they_look_like_codes) {
    const event result = translate(
        {{"discount_codes",
          R"([{"code":"SPRING10"},{"code":"jon@example.com"},{"code":"For Jon Smith"},{"code":"555-123-4567"},{"code":"B"}])"}});
    EXPECT_NE(result.conversion->payload.find(R"("discount_codes":["SPRING10","B"])"), std::string::npos)
        << result.conversion->payload;
}

TEST(shopify, nothing_personal_leaves_the_body) {
    // The marker stands wherever a customer or the shop may write, next to what detectors know.
    const std::string secret = "Xq7Marker";
    const std::string person = "\"" + secret + " jon.xq7@example.com +15551234567\"";
    changes planted;
    const json::document sample = json::parse(fixture("orders-create.json"));
    for (const json::value member : sample.root()) {
        const std::string name(member.key());
        if (!(member.is_null() || member.is_string()) || name == "currency" || name == "financial_status" ||
            name.ends_with("_at") || name == "total_price" || name == "total_tax" ||
            name == "total_outstanding" || name == "current_total_price")
            continue;
        planted.emplace_back(name, name == "source_name" ? "\"web jon.xq7@example.com\"" : person);
    }
    ASSERT_GT(planted.size(), 30U);
    const std::string landing =
        "\"/account/Xq7Marker/"
        "jon.xq7%2540example.com?utm_source=a&utm_term=jon.xq7%2540example.com&name=Xq7Marker&gclid="
        "Xq7Marker\"";
    planted.emplace_back("landing_site", landing);
    planted.emplace_back("referring_site", "\"https://Xq7Marker:x@ref.example/Xq7Marker?q=Xq7Marker\"");
    planted.emplace_back(
        "note_attributes",
        R"([{"name":"Xq7Marker","value":"Xq7Marker"},{"name":"utm_content","value":"jon.xq7%40example.com"}])");
    planted.emplace_back("customer", "{\"email\":" + person + "}");
    planted.emplace_back("billing_address", "{\"name\":" + person + "}");
    planted.emplace_back("line_items",
                         "[{\"title\":" + person + ",\"properties\":[{\"name\":" + person + "}]}]");
    planted.emplace_back("discount_codes", "[{\"code\":" + person + "}]");
    const std::string text = to_json(translate(planted));
    for (const char* hidden : {"Xq7", "xq7", "555123", "example.com"})
        EXPECT_EQ(text.find(hidden), std::string::npos) << hidden << ": " << text;
    EXPECT_NE(text.find("\"referrer_host\":\"ref.example\""), std::string::npos) << text;
    EXPECT_NO_THROW(json::parse(text));
}

TEST(shopify, errors_do_not_quote_the_body) {
    for (const std::string& body :
         {order({{"financial_status", "\"Xq7Marker\""}}), order({{"currency", "\"Xq7Marker\""}}),
          order({{"total_price", "\"Xq7Marker\""}}), order({{"updated_at", "\"Xq7Marker\""}}),
          std::string("{\"Xq7Marker\":1,\"Xq7Marker\":2}")}) {
        try {
            shopify::translate(facts(), body);
            FAIL() << body;
        } catch (const error& refused) {
            EXPECT_EQ((refused.what() + refused.detail() + refused.hint()).find("Xq7"), std::string::npos);
        }
    }
}
