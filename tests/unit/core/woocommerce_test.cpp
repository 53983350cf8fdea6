// Orders of WooCommerce: what they look like, whose they are, and what of them may leave the body.
#include "core/providers/woocommerce.hpp"

#include <string>
#include <utility>

#include "core/providers/woocommerce_store.hpp"
#include "samples.hpp"

using namespace attribution;
using namespace attribution::providers;

namespace {

using samples::changes;

std::string order(const changes& with = {}) {
    return samples::changed("woocommerce/order.created.json", with);
}

delivery_facts facts(std::string topic = "order.updated", std::string account = "https://Shop.example.com/") {
    delivery_facts result;
    result.source = "woocommerce";
    result.topic = std::move(topic);
    result.delivery_key = "0123456789abcdef0123456789abcdef";  // of the second, not of the delivery
    result.digest_hex = std::string(63, '0') + "7";
    result.account = std::move(account);
    result.received_at = "2026-11-25T10:00:00Z";
    return result;
}

event translate(const changes& with) {
    return woocommerce::translate(facts(), order(with));
}

std::string code_of(const std::string& body, const delivery_facts& of = facts()) {
    try {
        woocommerce::translate(of, body);
    } catch (const error& refused) {
        return std::string(refused.sqlstate());
    }
    return "accepted";
}

std::string meta(const std::string& key, const std::string& value) {
    return R"({"id":1,"key":")" + key + R"(","value":)" + value + "}";
}

channels::signals signals_of(const std::string& meta_data) {
    return translate({{"meta_data", "[" + meta_data + "]"}}).conversion->signals;
}

std::string attributed(const std::string& name, const std::string& value) {
    return meta("_wc_order_attribution_" + name, "\"" + value + "\"");
}

}  // namespace

TEST(woocommerce, paid_order) {
    const event result = woocommerce::translate(facts("order.created"), order());
    ASSERT_TRUE(result.conversion);
    EXPECT_EQ(result.delivery.key, "shop.example.com:" + facts().digest_hex);
    EXPECT_EQ(result.conversion->external_id, "woocommerce:shop.example.com:order:727");
    EXPECT_EQ(result.conversion->order_ref, "727");
    EXPECT_EQ(result.conversion->occurred_at, "2017-03-22T19:28:08Z");
    EXPECT_EQ(result.conversion->signals, channels::signals{});
    EXPECT_EQ(
        result.conversion->payload,
        R"({"kind":"capture","amount_minor":2935,"currency":"USD","status":"processing","total":"29.35",)"
        R"("total_tax":"1.35","payment_method":"bacs","line_item_count":2})");
    ASSERT_EQ(result.states.size(), 1U);
    const money_state& state = result.states[0];
    EXPECT_EQ(state.money_key, "woocommerce:shop.example.com:order:727");
    EXPECT_EQ(state.kind, money_kind::capture);
    EXPECT_EQ(state.role, money_role::alone);
    EXPECT_EQ(state.cumulative_minor, 2935);
    EXPECT_EQ(state.currency, "USD");
    EXPECT_EQ(state.tax_minor, 135);
    EXPECT_EQ(state.shipping_minor, 1000);
    EXPECT_EQ(state.version_at, "2017-03-22T19:28:08Z");
    EXPECT_EQ(state.occurred_at, "2017-03-22T19:28:08Z");
}

TEST(woocommerce, the_same_under_every_topic_that_carries_the_order) {
    const std::string updated = samples::read("woocommerce/order.updated.json");
    for (const char* topic : {"order.created", "order.updated", "order.restored"})
        EXPECT_EQ(woocommerce::translate(facts(topic), updated).states.at(0).cumulative_minor, 2935) << topic;
}

TEST(woocommerce, unknown_topics_are_only_counted_whatever_they_carry) {
    for (const char* topic : {"product.created", "customer.updated", "action.woocommerce_add_to_cart", ""})
        EXPECT_EQ(woocommerce::translate(facts(topic), "not JSON").ignored, ignore_reason::unknown_topic);
}

TEST(woocommerce, a_deletion_is_a_notice_without_money) {
    const event result = woocommerce::translate(facts("order.deleted"), R"({"id":727})");
    ASSERT_TRUE(result.notice);
    EXPECT_TRUE(result.states.empty());
    EXPECT_FALSE(result.conversion);
    EXPECT_EQ(result.notice->external_id, "woocommerce:shop.example.com:order:727");
    EXPECT_EQ(result.notice->order_ref, "727");
    EXPECT_EQ(result.notice->occurred_at, "2026-11-25T10:00:00Z");
    EXPECT_EQ(result.notice->payload, R"({"kind":"order_deleted","order_id":"727"})");
    EXPECT_EQ(code_of(order(), facts("order.deleted")), "RA007");
    EXPECT_EQ(code_of(R"({"id":727})"), "RA007");
}

TEST(woocommerce, the_store_of_an_account) {
    for (const auto& [account, store] : changes{
             {"https://Shop.Example.com/", "shop.example.com"},
             {"shop.example.com", "shop.example.com"},
             {"HTTP://shop.example.com:80", "shop.example.com"},
             {"https://shop.example.com:443//", "shop.example.com"},
             {"https://shop.example.com:80/", "shop.example.com:80"},
             {"https://example.com:8443/De/", "example.com:8443/De"},
             {"http://localhost:8080", "localhost:8080"},
             {"", ""},
             {"https://", ""},
             {"My shop", ""},
             {"https://jane:secret@example.com/", ""},
             {"https://example.com/?shop=1", ""},
             {"https://example.com/a:order:1", ""},
             {"https://example.com:/", ""},
             {"https://example.com:80a/", ""},
             {"https://192.0.2.7/", ""},
             {"https://b\xc3\xbc"
              "cher.example/",
              ""},
             {"https://" + std::string(97, 'a') + ".de/", std::string(97, 'a') + ".de"},
             {"https://" + std::string(98, 'a') + ".de/", ""},
         })
        EXPECT_EQ(woocommerce::store_of(account), store) << account;
}

TEST(woocommerce, stores_share_nothing) {
    const event here = woocommerce::translate(facts(), order());
    const event there = woocommerce::translate(facts("order.updated", "example.com/de"), order());
    EXPECT_NE(here.delivery.key, there.delivery.key);
    EXPECT_NE(here.conversion->external_id, there.conversion->external_id);
    EXPECT_EQ(there.states.at(0).money_key, "woocommerce:example.com/de:order:727");
    EXPECT_EQ(code_of(order(), facts("order.updated", "my shop")), "RA007");
}

TEST(woocommerce, evidence_has_delivery_keys_of_its_own) {
    delivery_facts evidence = facts();
    evidence.books_revenue = false;
    evidence.account = "https://" + std::string(97, 'a') + ".de/";
    EXPECT_EQ(woocommerce::translate(evidence, order()).delivery.key,
              "evidence:" + std::string(97, 'a') + ".de:" + facts().digest_hex);
}

TEST(woocommerce, refuses_what_is_no_order) {
    for (const char* body : {"", "{", "[]", "null", "{}", "\"order\"", "{\"id\":1,\"id\":1}", "\xff",
                             R"({"order":{"id":727}})", R"({"code":"woocommerce_rest_cannot_view"})"})
        EXPECT_EQ(code_of(body), "RA007") << body;
    for (const char* member :
         {"id", "status", "currency", "total", "refunds", "date_modified_gmt", "date_paid_gmt"})
        EXPECT_EQ(code_of(order({{member, ""}})), "RA007") << member;
    for (const char* id : {"\"727\"", "7.27e2", "-1", "0", "1.0", "null"})
        EXPECT_EQ(code_of(order({{"id", id}})), "RA007") << id;
    for (const char* time : {"\"yesterday\"", "1490210888", "\"2017-03-22T19:28:08+01:00\"", "\"\"", "null"})
        EXPECT_EQ(code_of(order({{"date_modified_gmt", time}})), "RA007") << time;
    for (const char* refunds : {"null", "{}", "[7]", R"([{"total":"-1.00"}])", R"([{"id":1}])"})
        EXPECT_EQ(code_of(order({{"refunds", refunds}})), "RA007") << refunds;
}

TEST(woocommerce, signals_of_order_attribution) {
    EXPECT_EQ(signals_of(attributed("source_type", "utm") + "," + attributed("utm_source", "google") + "," +
                         attributed("utm_medium", "cpc") + "," + attributed("utm_campaign", "Spring") + "," +
                         attributed("utm_content", "a") + "," + attributed("utm_term", "ipod") + "," +
                         attributed("referrer", "https://www.google.com/search?q=x")),
              (channels::signals{"google", "cpc", "Spring", "a", "ipod", "www.google.com", "", ""}));
    EXPECT_EQ(signals_of(attributed("utm_id", "4711")).campaign, "4711");
    EXPECT_EQ(signals_of(attributed("utm_id", "4711") + "," + attributed("utm_campaign", "Spring")).campaign,
              "Spring");
    EXPECT_EQ(signals_of(attributed("referrer", "https://www.shop.example.com/cart")).referrer_host, "");
    EXPECT_EQ(signals_of(attributed("utm_source", "jon@example.com")).source, "[redacted]");
    EXPECT_EQ(signals_of(meta("_wc_order_attribution_utm_source", R"({"a":"google"})")), channels::signals{});
}

TEST(woocommerce, a_typed_address_is_direct) {
    const channels::signals direct{"(direct)", "(none)", "", "", "", "", "", ""};
    EXPECT_EQ(signals_of(attributed("source_type", "typein")), direct);
    EXPECT_EQ(signals_of(attributed("source_type", "typein") + "," + attributed("utm_source", "(direct)")),
              direct);
    for (const char* other : {"admin", "mobile_app", "organic"})
        EXPECT_EQ(signals_of(attributed("source_type", other)), channels::signals{}) << other;
}

TEST(woocommerce, kinds_of_source_and_device_are_known_words) {
    const event known = translate({{"meta_data", "[" + attributed("source_type", "organic") + "," +
                                                     attributed("device_type", "Mobile") + "]"}});
    EXPECT_NE(known.conversion->payload.find(R"("source_type":"organic","device_type":"mobile")"),
              std::string::npos)
        << known.conversion->payload;
    const event unknown = translate({{"meta_data", "[" + attributed("source_type", "Jon") + "," +
                                                       attributed("device_type", "Jon") + "]"}});
    EXPECT_EQ(unknown.conversion->payload.find("_type"), std::string::npos) << unknown.conversion->payload;
}

TEST(woocommerce, the_journey_that_a_tracker_left) {
    const auto journey = [](const std::string& value) {
        return translate({{"meta_data", "[" + meta("_attribution_journey_id", value) + "]"}})
            .conversion->journey_id;
    };
    EXPECT_EQ(journey("\"jrn_0123456789\""), "jrn_0123456789");
    for (const char* none : {"\"jon@example.com\"", "\"short\"", "12345678", "null", "\"with space\""})
        EXPECT_EQ(journey(none), "") << none;
}

TEST(woocommerce, the_id_of_the_payment_links_its_evidence) {
    const auto ref = [](const std::string& id) {
        return translate({{"transaction_id", '"' + id + '"'}}).conversion->transaction_ref;
    };
    for (const char* id : {"ch_3QWxYz2eZvKYlo2C", "pi_3QWxYz2eZvKYlo2C", "8JK12345AB678901C"})
        EXPECT_EQ(ref(id), id);
    for (const char* none : {"", "1001", "jon@example.com", "+15551234567", "with space"})
        EXPECT_EQ(ref(none), "") << none;
}

TEST(woocommerce, nothing_personal_leaves_the_body) {
    const std::string person = R"("Xq7Marker jon.xq7@example.com +15551234567")";
    changes planted;
    const json::document sample = json::parse(samples::read("woocommerce/order.updated.partial_refund.json"));
    for (const json::value member : sample.root()) {
        const std::string name(member.key());
        const bool is_read = name == "currency" || name == "date_paid_gmt" || name == "date_created_gmt" ||
                             name == "date_modified_gmt" || name.starts_with("total") ||
                             name == "shipping_total";
        if ((member.is_null() || member.is_string()) && !is_read) planted.emplace_back(name, person);
    }
    ASSERT_GT(planted.size(), 20U);
    planted.emplace_back("billing", R"({"email":)" + person + R"(,"phone":"(555) 123-4567"})");
    planted.emplace_back("shipping", R"({"first_name":)" + person + "}");
    planted.emplace_back("line_items",
                         R"([{"name":)" + person + R"(,"meta_data":[{"key":)" + person + "}]}]");
    planted.emplace_back("refunds", R"([{"id":726,"reason":)" + person + R"(,"total":"-10.00"}])");
    planted.emplace_back(
        "meta_data",
        "[" + meta("_billing_vat", person) + "," + meta("_wc_order_attribution_user_agent", person) + "," +
            meta("_wc_order_attribution_session_entry", R"("https://xq7.example.com/Xq7Marker")") + "," +
            meta("nested", R"({"name":)" + person + "}") + "," +
            meta("_wc_order_attribution_utm_term", R"("jon.xq7%2540example.com")") + "," +
            meta("_wc_order_attribution_referrer", R"("https://Xq7Marker:x@ref.example/Xq7Marker?q=1")") +
            "]");
    const std::string text = to_json(woocommerce::translate(
        facts(), samples::changed("woocommerce/order.updated.partial_refund.json", planted)));
    for (const char* hidden : {"Xq7", "xq7", "555", "jon"})
        EXPECT_EQ(text.find(hidden), std::string::npos) << hidden << ": " << text;
    EXPECT_NE(text.find(R"("referrer_host":"ref.example")"), std::string::npos) << text;
}

TEST(woocommerce, samples_leave_nothing_of_their_customers) {
    for (const char* name : {"order.created", "order.updated", "order.updated.partial_refund"}) {
        const std::string body = samples::read("woocommerce/" + std::string(name) + ".json");
        const std::string text = to_json(woocommerce::translate(facts(), body));
        for (const char* personal :
             {"John", "Doe", "Market", "94103", "pereira", "555", "wc_order_", "Woo Single"})
            EXPECT_EQ(text.find(personal), std::string::npos) << name << ": " << personal << ": " << text;
    }
}

TEST(woocommerce, errors_do_not_quote_the_body) {
    for (const char* member :
         {"id", "status", "currency", "total", "refunds", "date_modified_gmt", "date_paid_gmt", "total_tax"})
        try {
            woocommerce::translate(facts(), order({{member, R"({"Xq7Marker":"Xq7Marker"})"}}));
            FAIL() << member;
        } catch (const error& refused) {
            EXPECT_EQ((refused.what() + refused.detail() + refused.hint()).find("Xq7"), std::string::npos);
        }
}
