// PayPal's events as such: identity, shape, what is kept of them and what is not.
#include "core/providers/paypal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/pii/keys.hpp"
#include "paypal_bodies.hpp"
#include "seed.hpp"

using namespace attribution;
using namespace attribution::providers;
using test::changes;
using test::paypal_facts;
using test::paypal_fixture;
using test::paypal_refusal;
using test::translate_paypal;

namespace {

const std::vector<std::string> fixtures{"CUSTOMER.DISPUTE.CREATED",       "CUSTOMER.DISPUTE.RESOLVED",
                                        "CUSTOMER.DISPUTE.UPDATED",       "PAYMENT.CAPTURE.COMPLETED",
                                        "PAYMENT.CAPTURE.DENIED",         "PAYMENT.CAPTURE.PENDING",
                                        "PAYMENT.CAPTURE.REFUNDED",       "PAYMENT.CAPTURE.REVERSED",
                                        "PAYMENT.SALE.COMPLETED",         "PAYMENT.SALE.DENIED",
                                        "PAYMENT.SALE.PENDING",           "PAYMENT.SALE.REFUNDED",
                                        "PAYMENT.SALE.REFUNDED.positive", "PAYMENT.SALE.REVERSED"};

// Puts `text` in place of every string of the resource but those that make it what it is.
void plant(json::value at, const std::string& path, const std::string& text, changes& into) {
    static const std::vector<std::string> kept{
        "amount", "create_time", "dispute_amount", "dispute_channel", "dispute_id", "dispute_outcome",
        "id",     "links",       "sale_id",        "state",           "status",     "update_time"};
    for (const json::value member : at) {
        const std::string name = path + "." + std::string(member.key());
        const bool is_kept =
            path == "resource" && std::find(kept.begin(), kept.end(), member.key()) != kept.end();
        if (is_kept) continue;
        if (member.is_object())
            plant(member, name, text, into);
        else if (member.is_string() || member.is_null())
            into.emplace_back(name, text);
    }
}

conversion capture(const std::string& custom, const std::string& invoice = "null") {
    return *translate_paypal("PAYMENT.CAPTURE.COMPLETED",
                             {{"resource.custom_id", custom}, {"resource.invoice_id", invoice}})
                .conversion;
}

}  // namespace

TEST(paypal, identity_comes_from_the_signed_body) {
    const event result = translate_paypal("PAYMENT.SALE.COMPLETED");
    EXPECT_EQ(result.delivery.source, "paypal");
    EXPECT_EQ(result.delivery.key, "WH-2WR32451HC0233532-67976317FL4543714");
    EXPECT_EQ(result.delivery.topic, "payment.sale.completed");
    EXPECT_EQ(result.conversion->external_id, "80021663DE681814L");
    EXPECT_EQ(result.conversion->occurred_at, "2014-10-23T17:22:56Z");
}

TEST(paypal, every_fixture_gives_a_conversion_or_a_notice) {
    for (const std::string& name : fixtures) {
        const event result = translate_paypal(name);
        const bool is_conversion =
            name.ends_with("COMPLETED") || name.ends_with("DENIED") || name.ends_with("PENDING");
        EXPECT_EQ(result.conversion.has_value(), is_conversion) << name;
        EXPECT_EQ(result.notice.has_value(), !is_conversion) << name;
        EXPECT_FALSE(result.ignored) << name;
        EXPECT_NO_THROW(json::parse(to_json(result))) << name;
    }
}

TEST(paypal, notices_name_their_sale) {
    for (const char* name :
         {"PAYMENT.SALE.REFUNDED", "PAYMENT.SALE.REFUNDED.positive", "PAYMENT.SALE.REVERSED"})
        EXPECT_EQ(translate_paypal(name).notice->external_id, "80021663DE681814L") << name;
    for (const char* name :
         {"PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED", "CUSTOMER.DISPUTE.CREATED"}) {
        EXPECT_EQ(translate_paypal(name).notice->external_id, "3C679366HH908993F") << name;
        EXPECT_EQ(translate_paypal(name).notice->order_ref, "1001") << name;
    }
}

TEST(paypal, payloads) {
    EXPECT_EQ(
        translate_paypal("PAYMENT.CAPTURE.COMPLETED").conversion->payload,
        R"({"object_id":"3C679366HH908993F","kind":"capture","amount_minor":10000,"currency":"USD","status":"completed"})");
    EXPECT_EQ(
        translate_paypal("PAYMENT.SALE.REFUNDED").notice->payload,
        R"({"object_id":"5R2E3F4U5N6D70809","kind":"refund","amount_minor":1,"currency":"USD","status":"completed"})");
    EXPECT_EQ(
        translate_paypal("CUSTOMER.DISPUTE.RESOLVED").notice->payload,
        R"({"object_id":"PP-000-003-648-191","kind":"chargeback","amount_minor":7500,"currency":"USD",)"
        R"("status":"resolved","reason":"unauthorised","stage":"chargeback","outcome":"resolved_seller_favour"})");
    for (const char* member :
         {"object_id", "kind", "amount_minor", "currency", "status", "reason", "stage", "outcome"})
        EXPECT_FALSE(pii::is_personal_key(member)) << member;
    EXPECT_EQ(translate_paypal("CUSTOMER.DISPUTE.CREATED", {{"resource.reason", "\"MARIA\""}})
                  .notice->payload.find("reason"),
              std::string::npos);
}

TEST(paypal, custom_tells_of_the_way_and_the_invoice_of_the_order) {
    const conversion seen =
        capture(R"("utm_source=google|utm_medium=cpc|gclid=abc|j-5b1d0c7e9a42")", R"("#1001")");
    EXPECT_EQ(seen.signals, (channels::signals{"google", "cpc", "", "", "", "", "gclid", ""}));
    EXPECT_EQ(seen.journey_id, "j-5b1d0c7e9a42");
    EXPECT_EQ(seen.order_ref, "1001");
    EXPECT_EQ(capture(R"("gid://shopify/Order/820982911946154508")").order_ref, "820982911946154508");
    EXPECT_EQ(capture(R"("1001")").order_ref, "1001");
    EXPECT_EQ(capture(R"("1001")").journey_id, "");
    const conversion older =
        *translate_paypal("PAYMENT.SALE.COMPLETED", {{"resource.custom", R"("utm_source=x&j-5b1d0c7e9a42")"},
                                                     {"resource.invoice_number", R"("WC-77")"}})
             .conversion;
    EXPECT_EQ(older.signals.source, "x");
    EXPECT_EQ(older.journey_id, "j-5b1d0c7e9a42");
    EXPECT_EQ(older.order_ref, "WC-77");
}

TEST(paypal, references_with_personal_data_are_none) {
    for (const char* text : {R"("maria.pereira@example.com")", R"("Maria Pereira")", R"("+15550104477")",
                             R"("192.0.2.17")", "null", R"("")"}) {
        const conversion seen = capture(text, text);
        EXPECT_EQ(seen.journey_id, "") << text;
        EXPECT_EQ(seen.order_ref, "") << text;
        EXPECT_EQ(seen.signals, channels::signals{}) << text;
    }
    EXPECT_EQ(capture(R"("mariapereira")").journey_id, "") << "a name, for all that is known";
}

TEST(paypal, what_nobody_needs_is_only_counted) {
    const event unknown =
        translate_paypal("PAYMENT.CAPTURE.COMPLETED", {{"event_type", "\"CHECKOUT.ORDER.APPROVED\""}});
    EXPECT_EQ(unknown.ignored, ignore_reason::unknown_topic);
    EXPECT_EQ(unknown.delivery.topic, "checkout.order.approved");
    EXPECT_FALSE(unknown.conversion || unknown.notice || !unknown.states.empty());
    delivery_facts sandbox = paypal_facts();
    sandbox.test_mode = true;
    const event tried = paypal::translate(sandbox, paypal_fixture("PAYMENT.CAPTURE.COMPLETED"));
    EXPECT_EQ(tried.ignored, ignore_reason::test_mode);
    EXPECT_FALSE(tried.conversion || tried.notice || !tried.states.empty());
    const event linked = translate_paypal(
        "PAYMENT.CAPTURE.COMPLETED",
        {{"links",
          R"([{"href":"https://api.sandbox.paypal.com/v1/notifications/webhooks-events/WH-1","rel":"self"}])"}});
    EXPECT_EQ(linked.ignored, ignore_reason::test_mode);
}

TEST(paypal, refuses_what_does_not_fit) {
    for (const char* body :
         {"", "{", "[]", "null", "{}", "\"event\"", R"({"event_type":"PAYMENT.SALE.COMPLETED"})", "\xff",
          R"({"event_type":"X","event_type":"X"})"})
        EXPECT_EQ(paypal_refusal(std::string_view(body)), "RA007") << body;
    for (const char* member : {"id", "event_type", "create_time", "resource", "resource_type", "resource.id",
                               "resource.amount", "resource.status"})
        EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.COMPLETED", {{member, ""}}), "RA007") << member;
    for (const char* time : {"5", "\"\"", "\"yesterday\"", "\"2018-02-30T00:00:00Z\"", "\"2018-02-03\""}) {
        EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.COMPLETED", {{"create_time", time}}), "RA007") << time;
        EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.COMPLETED", {{"resource.update_time", time}}), "RA007")
            << time;
    }
    for (const char* id : {"5", "\"\"", "\"a b\"", "\"-A\"", "\"maria@example.com\"", "{}"}) {
        EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.COMPLETED", {{"resource.id", id}}), "RA007") << id;
        EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.COMPLETED", {{"id", id}}), "RA007") << id;
    }
}

// The resource of one topic under the name of another.
TEST(paypal, the_resource_fits_the_type) {
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"PAYMENT.SALE.REFUNDED", "PAYMENT.SALE.COMPLETED"},
        {"PAYMENT.SALE.REFUNDED.positive", "PAYMENT.SALE.COMPLETED"},
        {"PAYMENT.SALE.REVERSED", "PAYMENT.SALE.COMPLETED"},
        {"PAYMENT.SALE.PENDING", "PAYMENT.SALE.COMPLETED"},
        {"PAYMENT.SALE.COMPLETED", "PAYMENT.SALE.REFUNDED"},
        {"PAYMENT.SALE.COMPLETED", "PAYMENT.SALE.REVERSED"},
        {"PAYMENT.SALE.COMPLETED", "PAYMENT.CAPTURE.COMPLETED"},
        {"PAYMENT.CAPTURE.COMPLETED", "PAYMENT.SALE.COMPLETED"},
        {"PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.REFUNDED"},
        {"PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.COMPLETED"},
        {"PAYMENT.CAPTURE.COMPLETED", "CUSTOMER.DISPUTE.RESOLVED"},
        {"CUSTOMER.DISPUTE.RESOLVED", "PAYMENT.CAPTURE.COMPLETED"},
    };
    for (const auto& [fixture, type] : wrong) {
        const std::string refused = paypal_refusal(fixture, {{"event_type", "\"" + type + "\""}});
        EXPECT_TRUE(refused == "RA007" || refused == "RA005") << fixture << " as " << type << ": " << refused;
    }
}

TEST(paypal, nothing_personal_leaves_the_body) {
    const std::string person = R"("Xq7Marker ana.xq7@example.com +15551234567")";
    for (const std::string& name : fixtures) {
        changes planted{{"summary", person},
                        {"resource.custom", person},
                        {"resource.custom_id", R"("utm_content=ana.xq7%40example.com|ana.xq7@example.com")"},
                        {"resource.invoice_id", person},
                        {"resource.invoice_number", person},
                        {"resource.payer", R"({"email_address":)" + person + "}"}};
        const json::document document = json::parse(paypal_fixture(name));
        plant(document["resource"], "resource", person, planted);
        const std::string text = to_json(translate_paypal(name, planted));
        for (const char* hidden : {"Xq7", "xq7", "555123", "example.com", "Maria", "Pereira"})
            EXPECT_EQ(text.find(hidden), std::string::npos) << hidden << ": " << text;
    }
}

TEST(paypal, errors_do_not_quote_the_body) {
    const std::string marker = "\"Xq7Marker ana.xq7@example.com\"";
    for (const char* member :
         {"id", "create_time", "resource", "resource_type", "resource.id", "resource.status",
          "resource.amount", "resource.amount.value", "resource.amount.currency_code", "resource.create_time",
          "resource.update_time"}) {
        try {
            translate_paypal("PAYMENT.CAPTURE.COMPLETED", {{member, marker}});
            ADD_FAILURE() << member;
        } catch (const error& refused) {
            EXPECT_EQ((refused.what() + refused.detail() + refused.hint()).find("Xq7"), std::string::npos)
                << member;
        }
    }
}

// Bytes that are lost, doubled or swapped, and members of other kinds: refused or read, never worse.
TEST(paypal, mutated_bodies_are_refused_or_read) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    std::vector<std::string> bodies(fixtures.size());
    std::transform(fixtures.begin(), fixtures.end(), bodies.begin(), paypal_fixture);
    std::size_t read = 0;
    for (int round = 0; round < 20000; ++round) {
        const std::string body = test::mutated(bodies[random.below(bodies.size())], random);
        try {
            const std::string text = to_json(paypal::translate(paypal_facts(), body));
            EXPECT_NO_THROW(json::parse(text)) << text;
            ++read;
        } catch (const error& refused) {
            EXPECT_TRUE(refused.sqlstate() == "RA005" || refused.sqlstate() == "RA006" ||
                        refused.sqlstate() == "RA007");
        }
    }
    EXPECT_GT(read, 100U);
}
