// What PayPal's events say of money.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "paypal_bodies.hpp"

using namespace attribution;
using namespace attribution::providers;
using test::changes;
using test::paypal_refusal;
using test::translate_paypal;

namespace {

std::string text_of(const money_state& s) {
    const std::string role = s.role == money_role::part    ? " part"
                             : s.role == money_role::total ? " total"
                                                           : "";
    return s.money_key + " " + std::string(name(s.kind)) + " " + std::to_string(s.cumulative_minor) + " " +
           s.currency + role + (s.parent.empty() ? "" : " of " + s.parent);
}

std::vector<std::string> told(const std::string& fixture, const changes& with = {}) {
    std::vector<std::string> texts;
    for (const money_state& state : translate_paypal(fixture, with).states) texts.push_back(text_of(state));
    return texts;
}

using states = std::vector<std::string>;

std::int64_t capture_of(const std::string& value, const std::string& currency) {
    return translate_paypal("PAYMENT.CAPTURE.COMPLETED",
                            {{"resource.amount.value", "\"" + value + "\""},
                             {"resource.amount.currency_code", "\"" + currency + "\""}})
        .states.at(0)
        .cumulative_minor;
}

std::string capture_refusal(const std::string& value, const std::string& currency) {
    return paypal_refusal(
        "PAYMENT.CAPTURE.COMPLETED",
        {{"resource.amount.value", value}, {"resource.amount.currency_code", "\"" + currency + "\""}});
}

changes outcome(const std::string& code, const std::string& channel = "EXTERNAL") {
    return {{"resource.dispute_outcome.outcome_code", "\"" + code + "\""},
            {"resource.dispute_channel", "\"" + channel + "\""}};
}

std::string movement(const std::string& party, const std::string& type, const std::string& value) {
    return R"({"affected_party":")" + party + R"(","type":")" + type +
           R"(","initiated_time":"2018-04-12T13:36:00Z","reason":"DISPUTE_SETTLEMENT",)"
           R"("amount":{"currency_code":"USD","value":")" +
           value + "\"}}";
}

}  // namespace

TEST(paypal_money, every_topic) {
    const std::string sale = "paypal:payment:80021663DE681814L";
    const std::string capture = "paypal:payment:3C679366HH908993F";
    EXPECT_EQ(told("PAYMENT.SALE.COMPLETED"), (states{sale + " capture 48 USD"}));
    EXPECT_EQ(told("PAYMENT.SALE.PENDING"), (states{sale + " capture 0 USD"}));
    EXPECT_EQ(told("PAYMENT.SALE.DENIED"), (states{sale + " capture 0 USD"}));
    EXPECT_EQ(told("PAYMENT.SALE.REFUNDED"),
              (states{"paypal:refund:5R2E3F4U5N6D70809 refund 1 USD part of " + sale}));
    EXPECT_EQ(told("PAYMENT.SALE.REFUNDED.positive"),
              (states{"paypal:refund:6S3F4G5V6P7E81910 refund 25 USD part of " + sale}));
    EXPECT_EQ(told("PAYMENT.SALE.REVERSED"), (states{sale + " chargeback 48 USD total"}));
    EXPECT_EQ(told("PAYMENT.CAPTURE.COMPLETED"), (states{capture + " capture 10000 USD"}));
    EXPECT_EQ(told("PAYMENT.CAPTURE.PENDING"), (states{capture + " capture 0 USD"}));
    EXPECT_EQ(told("PAYMENT.CAPTURE.DENIED"), (states{capture + " capture 0 USD"}));
    EXPECT_EQ(told("PAYMENT.CAPTURE.REFUNDED"),
              (states{"paypal:refund:1Y107995YT783435V refund 2500 USD part of " + capture}));
    EXPECT_EQ(told("PAYMENT.CAPTURE.REVERSED"),
              (states{"paypal:reversal:09E71677NS257044M chargeback 7500 USD part of " + capture}));
    EXPECT_EQ(told("CUSTOMER.DISPUTE.CREATED"), states{});
    EXPECT_EQ(told("CUSTOMER.DISPUTE.UPDATED"), states{});
    EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED"),
              (states{capture + " chargeback 7500 USD total",
                      "paypal:dispute:PP-000-003-648-191 chargeback_reversal 7500 USD of " + capture}));
}

// The older generation of a capture has the members of a sale, and names the capture of its refund.
TEST(paypal_money, captures_of_version_1) {
    EXPECT_EQ(told("PAYMENT.SALE.COMPLETED",
                   {{"resource_type", "\"capture\""}, {"event_type", "\"PAYMENT.CAPTURE.COMPLETED\""}}),
              (states{"paypal:payment:80021663DE681814L capture 48 USD"}));
    EXPECT_EQ(
        told("PAYMENT.SALE.REFUNDED.positive", {{"event_type", "\"PAYMENT.CAPTURE.REFUNDED\""},
                                                {"resource.sale_id", ""},
                                                {"resource.links", "[]"},
                                                {"resource.capture_id", "\"8F148933LY9388354\""}}),
        (states{"paypal:refund:6S3F4G5V6P7E81910 refund 25 USD part of paypal:payment:8F148933LY9388354"}));
}

TEST(paypal_money, times) {
    const money_state sale = translate_paypal("PAYMENT.SALE.COMPLETED").states.at(0);
    EXPECT_EQ(sale.version_at, "2014-10-23T17:23:04Z");
    EXPECT_EQ(sale.occurred_at, "2014-10-23T17:22:56Z");
    const money_state bare = translate_paypal("PAYMENT.SALE.COMPLETED",
                                              {{"resource.update_time", ""}, {"resource.create_time", ""}})
                                 .states.at(0);
    EXPECT_EQ(bare.version_at, "2014-10-23T17:23:52Z");
    EXPECT_EQ(bare.occurred_at, "2014-10-23T17:23:52Z");
    const money_state refund = translate_paypal("PAYMENT.CAPTURE.REFUNDED").states.at(0);
    EXPECT_EQ(refund.version_at, "2018-04-10T14:30:10-07:00");
    EXPECT_EQ(refund.occurred_at, "2018-04-10T14:30:10-07:00");
    // A total is dated by when it was told: the sale was made long before.
    const money_state reversed = translate_paypal("PAYMENT.SALE.REVERSED").states.at(0);
    EXPECT_EQ(reversed.version_at, "2014-11-02T09:00:00Z");
    EXPECT_EQ(reversed.occurred_at, "2014-11-02T09:00:00Z");
    for (const money_state& state : translate_paypal("CUSTOMER.DISPUTE.RESOLVED").states)
        EXPECT_EQ(state.version_at, "2018-05-20T10:00:00.000Z");
}

TEST(paypal_money, minor_units_are_those_of_iso_4217) {
    EXPECT_EQ(capture_of("12.34", "EUR"), 1234);
    EXPECT_EQ(capture_of("12", "EUR"), 1200);
    EXPECT_EQ(capture_of("12.340", "EUR"), 1234);
    EXPECT_EQ(capture_of("1500", "JPY"), 1500);
    EXPECT_EQ(capture_of("1500.00", "JPY"), 1500);
    EXPECT_EQ(capture_of("1500", "HUF"), 150'000);
    EXPECT_EQ(capture_of("1500.00", "HUF"), 150'000);
    EXPECT_EQ(capture_of("300", "TWD"), 30'000);
    EXPECT_EQ(capture_of("0.00", "USD"), 0);
}

TEST(paypal_money, refuses_amounts_that_are_none) {
    for (const char* value : {R"("1500.50")", R"("1500.01")", R"("1500.001")"})
        for (const char* currency : {"HUF", "TWD", "JPY"})
            EXPECT_EQ(capture_refusal(value, currency), "RA005") << value << currency;
    for (const char* value : {R"("12.345")", R"("")", R"("1e3")", R"("+1")", R"("1,50")", R"("-12.00")",
                              R"(" 1")", R"("99999999999999999999.00")"})
        EXPECT_EQ(capture_refusal(value, "EUR"), "RA005") << value;
    for (const char* value : {"", "null", "12.34", "{}"})
        EXPECT_EQ(capture_refusal(value, "EUR"), "RA007") << value;
    for (const char* currency : {"XXZ", "eur", ""})
        EXPECT_EQ(capture_refusal(R"("1.00")", currency), "RA006");
    EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.COMPLETED", {{"resource.amount", ""}}), "RA007");
    EXPECT_EQ(paypal_refusal("PAYMENT.SALE.COMPLETED", {{"resource.amount.currency", ""}}), "RA007");
}

TEST(paypal_money, tax_and_shipping_where_they_are_told) {
    const money_state state =
        translate_paypal("PAYMENT.SALE.COMPLETED",
                         {{"resource.amount", R"({"total":"12.00","currency":"EUR","details":)"
                                              R"({"subtotal":"8.00","tax":"1.50","shipping":"2.50"}})"}})
            .states.at(0);
    EXPECT_EQ(state.tax_minor, 150);
    EXPECT_EQ(state.shipping_minor, 250);
    EXPECT_FALSE(translate_paypal("PAYMENT.SALE.COMPLETED").states.at(0).tax_minor);
    EXPECT_EQ(paypal_refusal("PAYMENT.SALE.COMPLETED", {{"resource.amount.details", R"({"tax":5})"}}),
              "RA007");
}

// The sale itself has no id for what went back: it tells a total, of which named refunds are parts.
TEST(paypal_money, a_refund_that_the_sale_itself_tells) {
    const changes itself{{"resource.id", "\"80021663DE681814L\""},
                         {"resource.state", "\"partially_refunded\""}};
    const states total{"paypal:payment:80021663DE681814L refund 1 USD total"};
    changes named = itself;
    EXPECT_EQ(told("PAYMENT.SALE.REFUNDED", named), total) << "sale_id is its own id";
    named.emplace_back("resource.sale_id", "");
    named.emplace_back("resource.links", "[]");
    EXPECT_EQ(told("PAYMENT.SALE.REFUNDED", named), total);
    named.emplace_back("resource.amount.total", "\"0.48\"");
    EXPECT_EQ(paypal_refusal("PAYMENT.SALE.REFUNDED", named), "RA007")
        << "the amount of the sale, or of the refund?";
    named.emplace_back("resource.state", "\"refunded\"");
    EXPECT_EQ(told("PAYMENT.SALE.REFUNDED", named),
              (states{"paypal:payment:80021663DE681814L refund 48 USD total"}));
}

TEST(paypal_money, refunds_that_do_not_count) {
    const auto refund = [](const std::string& status) {
        return translate_paypal("PAYMENT.CAPTURE.REFUNDED", {{"resource.status", status}}).states.at(0);
    };
    EXPECT_EQ(refund("\"PENDING\"").cumulative_minor, 0);
    EXPECT_FALSE(refund("\"PENDING\"").gross_minor);
    for (const char* status : {"\"CANCELLED\"", "\"FAILED\""}) {
        EXPECT_EQ(refund(status).cumulative_minor, 0) << status;
        EXPECT_EQ(refund(status).gross_minor, 2500) << status;
    }
    EXPECT_EQ(refund("").cumulative_minor, 2500);
    EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.REFUNDED", {{"resource.status", "\"LOST\""}}), "RA007");
}

TEST(paypal_money, a_refund_names_its_payment) {
    EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.REFUNDED", {{"resource.links", "[]"}}), "RA007");
    EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.REFUNDED",
                             {{"resource.links",
                               R"([{"rel":"up","href":"https://api.paypal.com/v2/checkout/orders/5O1"}])"}}),
              "RA007");
    EXPECT_EQ(paypal_refusal("PAYMENT.SALE.REFUNDED.positive", {{"resource.sale_id", "\"a b\""}}), "RA007");
}

TEST(paypal_money, statuses_fit_their_events) {
    EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.COMPLETED", {{"resource.status", "\"PENDING\""}}), "RA007");
    EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.COMPLETED", {{"resource.status", "\"MARIA\""}}), "RA007");
    EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.COMPLETED", {{"resource.status", ""}}), "RA007");
    EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.PENDING", {{"resource.status", "\"COMPLETED\""}}), "RA007");
    EXPECT_EQ(paypal_refusal("PAYMENT.CAPTURE.DENIED", {{"resource.status", "\"REFUNDED\""}}), "RA007");
    EXPECT_EQ(told("PAYMENT.CAPTURE.COMPLETED", {{"resource.status", "\"PARTIALLY_REFUNDED\""}}),
              (states{"paypal:payment:3C679366HH908993F capture 10000 USD"}));
}

TEST(paypal_money, what_a_resolved_dispute_gives_back) {
    const std::string back = "paypal:dispute:PP-000-003-648-191 chargeback_reversal ";
    const std::string of = " USD of paypal:payment:3C679366HH908993F";
    const states both{"paypal:payment:3C679366HH908993F chargeback 7500 USD total", back + "7500" + of};
    const states nothing{back + "0" + of};
    for (const char* code : {"RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER", "DENIED"}) {
        EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED", outcome(code)), both) << code;
        // Nothing was taken from the seller: PayPal held it.
        EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED", outcome(code, "INTERNAL")), nothing) << code;
    }
    for (const char* code : {"RESOLVED_BUYER_FAVOUR", "ACCEPTED", "RESOLVED_WITH_PAYOUT", "NONE"})
        EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED", outcome(code)), nothing) << code;
    EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED", {{"resource.dispute_outcome", ""}}), nothing);
    EXPECT_EQ(paypal_refusal("CUSTOMER.DISPUTE.RESOLVED", outcome("MARIA")), "RA007");
}

TEST(paypal_money, listed_movements_of_the_seller_tell_more_than_the_outcome) {
    const auto listed = [](const std::string& movements, const std::string& code = "RESOLVED_BUYER_FAVOUR") {
        changes with = outcome(code);
        with.emplace_back("resource.money_movements", "[" + movements + "]");
        return with;
    };
    const std::string back = "paypal:dispute:PP-000-003-648-191 chargeback_reversal ";
    const std::string of = " USD of paypal:payment:3C679366HH908993F";
    const std::string away = movement("SELLER", "DEBIT", "75.00");
    EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED", listed(away)), (states{back + "0" + of}));
    EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED", listed(away, "RESOLVED_SELLER_FAVOUR")),
              (states{back + "0" + of}));
    EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED", listed(away + "," + movement("SELLER", "CREDIT", "50.00") +
                                                       "," + movement("BUYER", "CREDIT", "25.00"))),
              (states{"paypal:payment:3C679366HH908993F chargeback 7500 USD total", back + "5000" + of}));
    EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED", listed(movement("SELLER", "CREDIT", "50.00"))),
              (states{back + "0" + of}))
        << "nothing comes back that was not taken";
    EXPECT_EQ(paypal_refusal("CUSTOMER.DISPUTE.RESOLVED", listed(movement("SELLER", "MARIA", "50.00"))),
              "RA007");
}

// Which of them lost what is not told.
TEST(paypal_money, a_dispute_about_several_transactions) {
    EXPECT_EQ(told("CUSTOMER.DISPUTE.RESOLVED",
                   {{"resource.disputed_transactions",
                     R"([{"seller_transaction_id":"3C679366HH908993F"},{"seller_transaction_id":"1AA"}])"}}),
              (states{"paypal:dispute:PP-000-003-648-191 chargeback_reversal 7500 USD"}));
}
