#include "core/providers/stripe.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/pii/keys.hpp"
#include "seed.hpp"
#include "stripe_bodies.hpp"

using namespace attribution;
using namespace attribution::providers;
using test::changed;
using test::changes;
using test::fixture;
using test::refusal_of;
using test::translate;

namespace {

const std::vector<std::string> fixtures{"charge.captured",
                                        "charge.dispute.closed",
                                        "charge.dispute.created",
                                        "charge.dispute.funds_reinstated",
                                        "charge.dispute.funds_withdrawn",
                                        "charge.dispute.updated",
                                        "charge.refunded",
                                        "charge.refunded.partial",
                                        "charge.succeeded",
                                        "checkout.session.async_payment_failed",
                                        "checkout.session.completed",
                                        "payment_intent.succeeded",
                                        "refund.created",
                                        "refund.failed",
                                        "refund.updated"};

// Puts `text` in place of every string of the event's object but those that make it what it is.
void plant(json::value at, const std::string& path, const std::string& text, changes& into) {
    static const std::vector<std::string> kept{
        "id",       "object", "currency",       "status", "payment_intent",
        "charge",   "mode",   "payment_status", "reason", "client_reference_id",
        "metadata", "refunds"};
    for (const json::value member : at) {
        const std::string name = path + "." + std::string(member.key());
        const bool is_kept =
            path == "data.object" && std::find(kept.begin(), kept.end(), member.key()) != kept.end();
        if (is_kept) continue;
        if (member.is_object())
            plant(member, name, text, into);
        else if (member.is_string() || member.is_null())
            into.emplace_back(name, text);
    }
}

}  // namespace

TEST(stripe, identity_comes_from_the_signed_body) {
    const event result = translate("charge.succeeded");
    EXPECT_EQ(result.delivery.source, "stripe");
    EXPECT_EQ(result.delivery.key, "evt_chg1");
    EXPECT_EQ(result.delivery.topic, "charge.succeeded");
    EXPECT_EQ(result.delivery.digest, std::string(64, '0'));
    EXPECT_EQ(refusal_of("charge.succeeded", {{"id", "\"evt 1\""}}), "RA007");
    EXPECT_EQ(refusal_of("charge.succeeded", {{"type", "5"}}), "RA007");
}

TEST(stripe, every_fixture_gives_a_conversion_or_a_notice) {
    for (const std::string& name : fixtures) {
        const event result = translate(name);
        const bool is_conversion = name == "charge.succeeded" || name == "charge.captured" ||
                                   name.starts_with("checkout") || name.starts_with("payment_intent");
        EXPECT_EQ(result.conversion.has_value(), is_conversion) << name;
        EXPECT_EQ(result.notice.has_value(), !is_conversion) << name;
        EXPECT_FALSE(result.ignored) << name;
        EXPECT_NO_THROW(json::parse(to_json(result))) << name;
    }
    EXPECT_TRUE(translate("refund.updated", {{"type", "\"charge.refund.updated\""}}).notice);
    EXPECT_TRUE(
        translate("checkout.session.completed", {{"type", "\"checkout.session.async_payment_succeeded\""}})
            .conversion);
}

TEST(stripe, one_sale_however_it_is_told) {
    for (const char* name : {"charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"}) {
        const event result = translate(name);
        EXPECT_EQ(result.conversion->external_id, "pi_3Fix01") << name;
        EXPECT_EQ(result.states.at(0).money_key, "stripe:payment_intent:pi_3Fix01") << name;
    }
    const event alone = translate("charge.succeeded", {{"data.object.payment_intent", "null"}});
    EXPECT_EQ(alone.conversion->external_id, "ch_3FixEur");
    EXPECT_EQ(alone.states.at(0).money_key, "stripe:charge:ch_3FixEur");
    const event expanded = translate(
        "charge.succeeded",
        {{"data.object.payment_intent", R"({"id":"pi_3Fix01","object":"payment_intent","amount":4999})"}});
    EXPECT_EQ(expanded.conversion->external_id, "pi_3Fix01");
    EXPECT_EQ(translate("charge.succeeded").conversion->occurred_at, "2026-07-25T17:19:55Z");
}

// Shops name a payment by its charge or by its intent; the intent is the external id.
TEST(stripe, events_name_the_charge_of_their_sale) {
    for (const char* name : {"charge.succeeded", "payment_intent.succeeded"})
        EXPECT_EQ(translate(name).conversion->transaction_ref, "ch_3FixEur") << name;
    for (const char* name : {"charge.refunded", "refund.created", "charge.dispute.created"})
        EXPECT_EQ(translate(name).notice->transaction_ref, "ch_3FixEur") << name;
    EXPECT_EQ(translate("checkout.session.completed").conversion->transaction_ref, "");
    EXPECT_EQ(
        translate("charge.succeeded", {{"data.object.payment_intent", "null"}}).conversion->transaction_ref,
        "");
    EXPECT_EQ(
        translate("payment_intent.succeeded", {{"data.object.latest_charge", R"({"id":"ch_expanded"})"}})
            .conversion->transaction_ref,
        "ch_expanded");
}

// A refunded charge may come first, and books the sale; the conversion that comes later knows the channel.
TEST(stripe, notices_name_the_conversion_of_their_sale) {
    for (const char* name : {"charge.refunded", "refund.created", "charge.dispute.created"}) {
        const json::document told = json::parse(to_json(translate(name)));
        EXPECT_EQ(told["notice"]["external_id"].text(), "pi_3Fix01") << name;
    }
}

TEST(stripe, payloads_keep_the_amounts_for_endpoints_that_give_evidence) {
    EXPECT_EQ(
        translate("charge.succeeded").conversion->payload,
        R"({"object_id":"ch_3FixEur","kind":"capture","amount_minor":4999,"currency":"EUR","status":"succeeded"})");
    EXPECT_EQ(
        translate("checkout.session.completed").conversion->payload,
        R"({"object_id":"cs_test_a1YS1URlnyQCN5fUUduORoQ7Pw41PJqDWkIVQCpJPqkfIhd6tVY8XB1OLY","kind":"capture",)"
        R"("amount_minor":4999,"currency":"EUR","status":"complete","payment_status":"paid"})");
    EXPECT_EQ(translate("charge.refunded.partial").notice->payload,
              R"({"object_id":"ch_3FixEur","kind":"refund","amount_minor":1500,)"
              R"("currency":"EUR","status":"succeeded"})");
    EXPECT_EQ(translate("refund.failed").notice->payload,
              R"({"object_id":"re_3Fix01","kind":"refund","amount_minor":1500,)"
              R"("currency":"EUR","status":"failed"})");
    EXPECT_EQ(translate("charge.dispute.created").notice->payload,
              R"({"object_id":"du_3Fix01","kind":"chargeback","amount_minor":4999,)"
              R"("currency":"EUR","status":"needs_response","reason":"fraudulent"})");
    EXPECT_EQ(translate("charge.dispute.created").notice->occurred_at, "2026-07-27T17:20:00Z");
    for (const char* member : {"object_id", "kind", "amount_minor", "currency", "status", "payment_status",
                               "reason", "other_account"})
        EXPECT_FALSE(pii::is_personal_key(member)) << member;
}

TEST(stripe, reasons_only_when_documented) {
    const event result = translate("charge.dispute.created", {{"data.object.reason", "\"ana_pereira\""}});
    EXPECT_EQ(result.notice->payload.find("reason"), std::string::npos) << result.notice->payload;
    EXPECT_EQ(translate("charge.dispute.created", {{"data.object.status", "\"Ana P\""}})
                  .notice->payload.find("status"),
              std::string::npos);
}

TEST(stripe, what_nobody_needs_is_only_counted) {
    const event unknown = translate("charge.succeeded", {{"type", "\"customer.created\""}});
    EXPECT_EQ(unknown.ignored, ignore_reason::unknown_topic);
    EXPECT_EQ(unknown.delivery.topic, "customer.created");
    EXPECT_FALSE(unknown.conversion || unknown.notice || !unknown.states.empty());
    const event test_mode = translate("charge.succeeded", {{"livemode", "false"}});
    EXPECT_EQ(test_mode.ignored, ignore_reason::test_mode);
    EXPECT_FALSE(test_mode.conversion || test_mode.notice || !test_mode.states.empty());
    EXPECT_EQ(refusal_of("charge.succeeded", {{"livemode", "\"false\""}}), "RA007");
    EXPECT_EQ(refusal_of("charge.succeeded", {{"livemode", ""}}), "RA007");
}

TEST(stripe, another_account_is_reported) {
    const event other = translate("charge.succeeded", {{"account", "\"acct_2Other\""}});
    EXPECT_TRUE(other.other_account);
    EXPECT_NE(other.conversion->payload.find(R"("other_account":true)"), std::string::npos);
    EXPECT_TRUE(translate("refund.created", {{"account", "\"acct_2Other\""}}).other_account);
    const event same = translate("charge.succeeded", {{"account", "\"acct_1Fix\""}});
    EXPECT_FALSE(same.other_account);
    EXPECT_EQ(same.conversion->payload.find("other_account"), std::string::npos);
    EXPECT_FALSE(translate("charge.succeeded").other_account);
    delivery_facts named = test::stripe_facts();
    named.account = "The shop";
    EXPECT_FALSE(stripe::translate(named, changed("charge.succeeded", {{"account", "\"acct_2Other\""}}))
                     .other_account);
}

TEST(stripe, refuses_what_does_not_fit) {
    for (const char* body : {"", "{", "[]", "null", "{}", "\"event\"", R"({"object":"event"})", "\xff",
                             R"({"object":"event","object":"event"})"})
        EXPECT_EQ(refusal_of(std::string_view(body)), "RA007") << body;
    EXPECT_EQ(refusal_of("charge.succeeded", {{"object", "\"charge\""}}), "RA007");
    EXPECT_EQ(refusal_of("charge.succeeded", {{"data.object.object", "\"refund\""}}), "RA007");
    EXPECT_EQ(refusal_of("refund.created", {{"type", "\"charge.refunded\""}}), "RA007");
    for (const char* member :
         {"id", "type", "created", "data", "data.object", "data.object.object", "data.object.id",
          "data.object.currency", "data.object.created", "data.object.status", "data.object.amount_captured"})
        EXPECT_EQ(refusal_of("charge.succeeded", {{member, ""}}), "RA007") << member;
    for (const char* time :
         {"-1", "1.5", "\"1785000000\"", "1e9", "253402300800", "99999999999999999999", "null"})
        EXPECT_EQ(refusal_of("charge.succeeded", {{"created", time}}), "RA007") << time;
    for (const char* id : {"\"\"", "5", "\"ana@example.com\"", "\"a b\"", "\"_a\"", "{}", "{\"id\":5}"})
        EXPECT_EQ(refusal_of("charge.succeeded", {{"data.object.payment_intent", id}}), "RA007") << id;
}

TEST(stripe, times) {
    EXPECT_EQ(translate("charge.succeeded", {{"created", "0"}}).states.at(0).version_at,
              "1970-01-01T00:00:00Z");
    EXPECT_EQ(translate("charge.succeeded", {{"created", "1709251199"}}).states.at(0).version_at,
              "2024-02-29T23:59:59Z");
    EXPECT_EQ(translate("charge.succeeded", {{"created", "253402300799"}}).states.at(0).version_at,
              "9999-12-31T23:59:59Z");
}

TEST(stripe, nothing_personal_leaves_the_body) {
    const std::string person = R"("Xq7Marker ana.xq7@example.com +15551234567")";
    const changes everywhere{
        {"data.previous_attributes", R"({"receipt_email":)" + person + "}"},
        {"request", R"({"idempotency_key":)" + person + "}"},
        {"data.object.client_reference_id", person},
        {"data.object.metadata", R"({"name":"Xq7Marker","utm_content":"ana.xq7%40example.com","order_id":)" +
                                     person + R"(,"journey_id":)" + person +
                                     R"(,"gclid":"Xq7Marker","Xq7Marker":"x"})"}};
    for (const std::string& name : fixtures) {
        changes planted = everywhere;
        const json::document document = json::parse(fixture(name));
        plant(document["data"]["object"], "data.object", person, planted);
        ASSERT_GT(planted.size(), 8U) << name;
        const std::string text = to_json(translate(name, planted));
        for (const char* hidden : {"Xq7", "xq7", "555123", "example.com", "Maria", "Pereira", "Augusta"})
            EXPECT_EQ(text.find(hidden), std::string::npos) << hidden << ": " << text;
        EXPECT_NO_THROW(json::parse(text));
    }
}

TEST(stripe, errors_do_not_quote_the_body) {
    const std::string marker = "\"Xq7Marker ana.xq7@example.com\"";
    for (const char* member :
         {"id", "type", "object", "created", "livemode", "data.object.id", "data.object.object",
          "data.object.status", "data.object.currency", "data.object.amount_captured", "data.object.created",
          "data.object.payment_intent"}) {
        try {
            translate("charge.succeeded", {{member, marker}});
            EXPECT_EQ(std::string(member), "type");
        } catch (const error& refused) {
            EXPECT_EQ((refused.what() + refused.detail() + refused.hint()).find("Xq7"), std::string::npos)
                << member;
        }
    }
}

// Bytes that are lost, doubled or swapped, and members of other kinds: refused or read, never worse.
TEST(stripe, mutated_bodies_are_refused_or_read) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    std::vector<std::string> bodies(fixtures.size());
    std::transform(fixtures.begin(), fixtures.end(), bodies.begin(), fixture);
    std::size_t read = 0;
    for (int round = 0; round < 20000; ++round) {
        const std::string body = test::mutated(bodies[random.below(bodies.size())], random);
        try {
            const std::string text = to_json(stripe::translate(test::stripe_facts(), body));
            EXPECT_NO_THROW(json::parse(text)) << text;
            ++read;
        } catch (const error& refused) {
            EXPECT_TRUE(refused.sqlstate() == "RA005" || refused.sqlstate() == "RA006" ||
                        refused.sqlstate() == "RA007");
        }
    }
    EXPECT_GT(read, 100U);
}
