#include "core/providers/stripe_money.hpp"

#include <gtest/gtest.h>

#include <string>

#include "stripe_bodies.hpp"

using namespace attribution;
using namespace attribution::providers;
using test::changes;
using test::refusal_of;
using test::translate;

namespace {

const std::string sale_key = "stripe:payment_intent:pi_3Fix01";

money_state capture(const std::string& name, const changes& with = {}) {
    money_state state = translate(name, with).states.at(0);
    EXPECT_EQ(state.kind, money_kind::capture);
    EXPECT_EQ(state.role, money_role::alone);
    return state;
}

money_state refund_total(const std::string& name, const changes& with = {}) {
    money_state state = translate(name, with).states.at(1);
    EXPECT_EQ(state.kind, money_kind::refund);
    EXPECT_EQ(state.role, money_role::total);
    return state;
}

std::string refund(const std::string& id, const std::string& amount, const std::string& status) {
    return R"({"id":")" + id + R"(","object":"refund","amount":)" + amount + R"(,"status":")" + status +
           R"(","created":1785000000,"currency":"eur","charge":"ch_3FixEur","balance_transaction":"txn_1"})";
}

}  // namespace

TEST(stripe_money, captured_so_far) {
    const money_state whole = capture("charge.succeeded");
    EXPECT_EQ(whole.money_key, sale_key);
    EXPECT_EQ(whole.cumulative_minor, 4999);
    EXPECT_EQ(whole.currency, "EUR");
    EXPECT_EQ(whole.version_at, "2026-07-25T17:20:00Z");
    EXPECT_EQ(whole.occurred_at, "2026-07-25T17:19:55Z");
    EXPECT_EQ(whole.parent, "");
    EXPECT_EQ(whole.tax_minor, std::nullopt);
    EXPECT_EQ(capture("charge.captured").cumulative_minor, 5000);
    EXPECT_EQ(capture("charge.refunded").cumulative_minor, 4999);
    EXPECT_EQ(capture("payment_intent.succeeded").cumulative_minor, 4999);

    const changes uncaptured{{"data.object.captured", "false"}, {"data.object.amount_captured", "0"}};
    EXPECT_EQ(capture("charge.succeeded", uncaptured).cumulative_minor, 0);
    for (const char* status : {"\"pending\"", "\"failed\""})
        EXPECT_EQ(capture("charge.succeeded", {{"data.object.status", status}}).cumulative_minor, 0)
            << status;
    EXPECT_EQ(refusal_of("charge.succeeded", {{"data.object.status", "\"odd\""}}), "RA007");
    EXPECT_EQ(refusal_of("charge.succeeded", {{"data.object.amount_captured", "null"}}), "RA007");
}

TEST(stripe_money, sessions) {
    const money_state paid = capture("checkout.session.completed");
    EXPECT_EQ(paid.money_key, sale_key);
    EXPECT_EQ(paid.cumulative_minor, 4999);
    EXPECT_EQ(paid.tax_minor, 0);
    EXPECT_EQ(paid.shipping_minor, 499);
    const money_state untaxed =
        capture("checkout.session.completed", {{"data.object.total_details.amount_tax", "null"}});
    EXPECT_EQ(untaxed.tax_minor, std::nullopt);
    EXPECT_EQ(untaxed.shipping_minor, 499);
    const money_state unpaid = capture("checkout.session.async_payment_failed");
    EXPECT_EQ(unpaid.cumulative_minor, 0);
    EXPECT_EQ(unpaid.tax_minor, std::nullopt);
    EXPECT_EQ(unpaid.shipping_minor, std::nullopt);
    EXPECT_EQ(unpaid.version_at, "2026-07-26T17:20:00Z");

    for (const changes& moneyless :
         {changes{{"data.object.payment_status", "\"no_payment_required\""}},
          changes{{"data.object.mode", "\"subscription\""}}, changes{{"data.object.mode", "\"setup\""}},
          changes{{"data.object.payment_intent", "null"}}}) {
        const event result = translate("checkout.session.completed", moneyless);
        EXPECT_TRUE(result.states.empty());
        EXPECT_TRUE(result.conversion);
        EXPECT_EQ(result.conversion->payload.find("amount_minor"), std::string::npos);
    }
    EXPECT_EQ(translate("checkout.session.completed",
                        {{"data.object.payment_intent", "null"}, {"data.object.mode", "\"subscription\""}})
                  .conversion->external_id,
              "cs_test_a1YS1URlnyQCN5fUUduORoQ7Pw41PJqDWkIVQCpJPqkfIhd6tVY8XB1OLY");
    EXPECT_EQ(refusal_of("checkout.session.completed", {{"data.object.payment_status", "\"odd\""}}), "RA007");
    EXPECT_EQ(refusal_of("checkout.session.completed", {{"data.object.mode", "\"odd\""}}), "RA007");
    EXPECT_EQ(refusal_of("checkout.session.completed", {{"data.object.amount_total", "null"}}), "RA007");
}

TEST(stripe_money, refunds_in_total) {
    const money_state none = refund_total("charge.succeeded");
    EXPECT_EQ(none.cumulative_minor, 0);
    EXPECT_EQ(none.money_key, sale_key);
    const money_state part = refund_total("charge.refunded.partial");
    EXPECT_EQ(part.cumulative_minor, 1500);
    EXPECT_EQ(part.version_at, "2026-07-25T17:20:00Z");
    EXPECT_EQ(part.occurred_at, part.version_at);
    EXPECT_EQ(refund_total("charge.refunded").cumulative_minor, 4999);
    EXPECT_EQ(translate("charge.succeeded", {{"data.object.amount_refunded", ""}}).states.size(), 1U);
    EXPECT_EQ(refusal_of("charge.refunded", {{"data.object.amount_refunded", ""}}), "RA007");
}

TEST(stripe_money, a_refund_by_its_id) {
    const money_state state = translate("refund.created").states.at(0);
    EXPECT_EQ(state.money_key, "stripe:refund:re_3Fix01");
    EXPECT_EQ(state.kind, money_kind::refund);
    EXPECT_EQ(state.role, money_role::part);
    EXPECT_EQ(state.parent, sale_key);
    EXPECT_EQ(state.cumulative_minor, 1500);
    EXPECT_EQ(state.gross_minor, std::nullopt);
    EXPECT_EQ(state.version_at, "2026-07-25T17:20:00.000002Z");
    EXPECT_EQ(state.occurred_at, "2026-07-25T17:20:00Z");

    const money_state failed = translate("refund.failed").states.at(0);
    EXPECT_EQ(failed.cumulative_minor, 0);
    EXPECT_EQ(failed.gross_minor, 1500);
    EXPECT_EQ(failed.version_at, "2026-07-26T17:20:00.000003Z");

    const money_state of_charge =
        translate("refund.created", {{"data.object.payment_intent", "null"}}).states.at(0);
    EXPECT_EQ(of_charge.parent, "stripe:charge:ch_3FixEur");
    const money_state of_expanded =
        translate(
            "refund.created",
            {{"data.object.payment_intent", "null"},
             {"data.object.charge", R"({"id":"ch_3FixEur","object":"charge","payment_intent":"pi_3Fix01"})"}})
            .states.at(0);
    EXPECT_EQ(of_expanded.parent, sale_key);
    EXPECT_EQ(refusal_of("refund.created",
                         {{"data.object.payment_intent", "null"}, {"data.object.charge", "null"}}),
              "RA007");
}

TEST(stripe_money, a_refund_counts_by_its_status) {
    struct row {
        const char* status;
        std::int64_t counted;
        std::optional<std::int64_t> gross;
        char rank;
    };
    for (const row& expected :
         {row{"requires_action", 0, std::nullopt, '1'}, row{"succeeded", 1500, std::nullopt, '2'},
          row{"failed", 0, 1500, '3'}, row{"canceled", 0, 1500, '3'}}) {
        const std::string status = "\"" + std::string(expected.status) + "\"";
        const money_state state = translate("refund.updated", {{"data.object.status", status}}).states.at(0);
        EXPECT_EQ(state.cumulative_minor, expected.counted) << status;
        EXPECT_EQ(state.gross_minor, expected.gross) << status;
        EXPECT_EQ(state.version_at, std::string("2026-07-25T17:30:00.00000") + expected.rank + "Z") << status;
    }
    const money_state pending =
        translate("refund.updated", {{"data.object.status", "\"pending\""}}).states.at(0);
    EXPECT_EQ(pending.cumulative_minor, 1500);
    EXPECT_EQ(pending.version_at, "2026-07-25T17:30:00Z");
    for (const char* status : {"\"odd\"", "null"})
        EXPECT_EQ(refusal_of("refund.updated", {{"data.object.status", status}}), "RA007") << status;
}

TEST(stripe_money, refunds_that_a_charge_lists_are_parts) {
    const event result = translate(
        "charge.refunded", {{"data.object.refunds.data", "[" + refund("re_1", "1500", "succeeded") + "," +
                                                             refund("re_2", "3499", "failed") + "]"}});
    ASSERT_EQ(result.states.size(), 4U);
    EXPECT_EQ(result.states[2].money_key, "stripe:refund:re_1");
    EXPECT_EQ(result.states[2].parent, sale_key);
    EXPECT_EQ(result.states[2].cumulative_minor, 1500);
    EXPECT_EQ(result.states[3].cumulative_minor, 0);
    EXPECT_EQ(result.states[3].gross_minor, 3499);
    EXPECT_EQ(translate("charge.refunded", {{"data.object.refunds", "null"}}).states.size(), 2U);
}

// Until 2025-03-31 the API told a released authorisation as a refund.
TEST(stripe_money, a_release_is_no_refund) {
    const std::string old = "\"2024-06-20\"";
    const changes voided{{"api_version", old},
                         {"data.object.captured", "false"},
                         {"data.object.amount_captured", "null"},
                         {"data.object.refunded", "true"}};
    EXPECT_EQ(refund_total("charge.refunded", voided).cumulative_minor, 0);
    EXPECT_EQ(capture("charge.refunded", voided).cumulative_minor, 0);

    const auto partly = [](const char* version, const char* refunded) {
        return changes{{"type", "\"charge.refunded\""},
                       {"api_version", version},
                       {"data.object.amount_refunded", refunded}};
    };
    // 5000 of 8000 were captured: 3000 are the release.
    const char* before = "\"2025-02-24.acacia\"";
    EXPECT_EQ(refund_total("charge.captured", partly(before, "3000")).cumulative_minor, 0);
    EXPECT_EQ(refund_total("charge.captured", partly(before, "4000")).cumulative_minor, 1000);
    EXPECT_EQ(refund_total("charge.captured", partly(before, "8000")).cumulative_minor, 5000);
    EXPECT_EQ(refund_total("charge.captured", partly(before, "1000")).cumulative_minor,
              1000);  // asked for apart
    const char* since = "\"2025-03-31.basil\"";
    EXPECT_EQ(refund_total("charge.captured", partly(since, "4000")).cumulative_minor, 4000);
    EXPECT_EQ(refund_total("charge.captured", partly("null", "4000")).cumulative_minor, 4000);
    EXPECT_EQ(refund_total("charge.captured", partly(since, "8000")).cumulative_minor, 5000);

    changes listed = partly(before, "4000");
    listed.emplace_back("data.object.refunds.data", "[" + refund("re_1", "3000", "succeeded") + "]");
    EXPECT_EQ(translate("charge.captured", listed).states.size(), 2U);

    const money_state release =
        translate("refund.created", {{"api_version", old}, {"data.object.balance_transaction", "null"}})
            .states.at(0);
    EXPECT_EQ(release.cumulative_minor, 0);
    EXPECT_EQ(release.gross_minor, std::nullopt);
    EXPECT_EQ(translate("refund.created", {{"api_version", old}}).states.at(0).cumulative_minor, 1500);
    EXPECT_EQ(translate("refund.created", {{"data.object.balance_transaction", "null"}})
                  .states.at(0)
                  .cumulative_minor,
              1500);
}

TEST(stripe_money, disputes_move_money_by_funds_events) {
    EXPECT_TRUE(translate("charge.dispute.created").states.empty());
    EXPECT_TRUE(translate("charge.dispute.updated").states.empty());

    const event withdrawn = translate("charge.dispute.funds_withdrawn");
    ASSERT_EQ(withdrawn.states.size(), 2U);
    const money_state& away = withdrawn.states[0];
    EXPECT_EQ(away.money_key, "stripe:dispute:du_3Fix01");
    EXPECT_EQ(away.parent, sale_key);
    EXPECT_EQ(away.kind, money_kind::chargeback);
    EXPECT_EQ(away.role, money_role::alone);
    EXPECT_EQ(away.cumulative_minor, 4999);
    EXPECT_EQ(away.version_at, "2026-07-27T17:20:01Z");
    EXPECT_EQ(away.occurred_at, "2026-07-27T17:20:00Z");
    EXPECT_EQ(withdrawn.states[1].kind, money_kind::chargeback_reversal);
    EXPECT_EQ(withdrawn.states[1].cumulative_minor, 0);

    // Back means that it had gone, though the event of that may be lost.
    const event back = translate("charge.dispute.funds_reinstated");
    EXPECT_EQ(back.states.at(0).cumulative_minor, 4999);
    EXPECT_EQ(back.states.at(1).cumulative_minor, 4999);
    EXPECT_EQ(back.states.at(1).version_at, "2026-08-06T07:06:40.000001Z");
    EXPECT_EQ(back.states.at(1).occurred_at, "2026-08-06T07:06:40Z");
}

TEST(stripe_money, closed_disputes_tell_the_outcome) {
    const auto closed = [](const char* status, const char* transactions = "[]") {
        return translate("charge.dispute.closed",
                         {{"data.object.status", status}, {"data.object.balance_transactions", transactions}})
            .states;
    };
    const auto lost = closed("\"lost\"");
    EXPECT_EQ(lost.at(0).cumulative_minor, 4999);
    EXPECT_EQ(lost.at(1).cumulative_minor, 0);
    EXPECT_EQ(lost.at(0).version_at, "2026-08-06T07:06:40.000002Z");
    const auto won = translate("charge.dispute.closed").states;
    EXPECT_EQ(won.at(0).cumulative_minor, 4999);
    EXPECT_EQ(won.at(1).cumulative_minor, 4999);
    EXPECT_TRUE(closed("\"won\"").empty());
    EXPECT_TRUE(closed("\"warning_closed\"", "[{}]").empty());
    EXPECT_TRUE(closed("\"prevented\"").empty());
    EXPECT_EQ(refusal_of("charge.dispute.closed", {{"data.object.status", "\"odd\""}}), "RA007");
}

TEST(stripe_money, minor_units_are_those_of_iso_4217) {
    const auto booked = [](const char* currency, const char* amount) {
        return capture("payment_intent.succeeded",
                       {{"data.object.currency", currency}, {"data.object.amount_received", amount}})
            .cumulative_minor;
    };
    EXPECT_EQ(booked("\"jpy\"", "12000"), 12000);
    EXPECT_EQ(booked("\"kwd\"", "5120"), 5120);
    EXPECT_EQ(booked("\"isk\"", "50000"), 500);
    EXPECT_EQ(booked("\"isk\"", "0"), 0);
    EXPECT_EQ(booked("\"ugx\"", "500"), 5);
    EXPECT_EQ(booked("\"mga\"", "500"), 50000);
    EXPECT_EQ(booked("\"huf\"", "12345"), 12345);
    EXPECT_EQ(booked("\"usd\"", "9999999999999999"), 9999999999999999);
    const auto refused = [](const char* currency, const char* amount) {
        return refusal_of("payment_intent.succeeded",
                          {{"data.object.currency", currency}, {"data.object.amount_received", amount}});
    };
    EXPECT_EQ(refused("\"isk\"", "50050"), "RA005");
    EXPECT_EQ(refused("\"ugx\"", "5"), "RA005");
    for (const char* amount : {"49.99", "1e3", "-1", "4999.0", "10000000000000000"})
        EXPECT_EQ(refused("\"usd\"", amount), "RA005") << amount;
    for (const char* amount : {"\"4999\"", "null", "{}", "true"})
        EXPECT_EQ(refused("\"usd\"", amount), "RA007") << amount;
    for (const char* currency : {"\"qqq\"", "\"\"", "\"us\""})
        EXPECT_EQ(refused(currency, "1"), "RA006") << currency;
    EXPECT_EQ(refused("null", "1"), "RA007");
}
