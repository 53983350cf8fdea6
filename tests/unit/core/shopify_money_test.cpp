// What an order's life leaves: edits, refunds, single transactions and disputes, in any order of arrival.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "core/providers/shopify.hpp"
#include "seed.hpp"

using namespace attribution;
using namespace attribution::providers;

namespace {

event read(const std::string& topic, const std::string& body) {
    delivery_facts facts;
    facts.source = "shopify";
    facts.topic = topic;
    facts.digest_hex = std::string(64, '0');
    facts.account = "shop.myshopify.com";
    return shopify::translate(facts, body);
}

std::string code_of(const std::string& topic, const std::string& body) {
    try {
        read(topic, body);
    } catch (const error& refused) {
        return std::string(refused.sqlstate());
    }
    return "accepted";
}

struct order_state {
    std::string status = "paid";
    std::string total = "100.00";
    std::string current = "100.00";
    std::string outstanding = "0.00";
    std::string refunds = {};  // transactions, joined by commas
    int minute = 0;            // of updated_at
};

std::string order(const order_state& o) {
    const std::string minute = (o.minute < 10 ? "0" : "") + std::to_string(o.minute);
    return R"({"id":5001,"financial_status":")" + o.status + R"(","currency":"EUR","total_price":")" +
           o.total + R"(","current_total_price":")" + o.current + R"(","total_outstanding":")" +
           o.outstanding + R"(","processed_at":"2026-01-01T10:00:00Z","updated_at":"2026-01-01T10:)" +
           minute + R"(:00Z","refunds":[)" +
           (o.refunds.empty() ? std::string() : R"({"id":1,"transactions":[)" + o.refunds + "]}") + "]}";
}

std::string transaction(int id, const std::string& kind, const std::string& status, const std::string& amount,
                        const std::string& more = "") {
    return R"({"id":)" + std::to_string(id) + R"(,"order_id":5001,"kind":")" + kind + R"(","status":")" +
           status + R"(","amount":")" + amount +
           R"(","currency":"EUR","processed_at":"2026-01-02T10:00:00Z")" + more + "}";
}

std::string refund(const std::string& transactions) {
    return R"({"id":7001,"order_id":5001,"processed_at":"2026-01-02T10:00:00Z","transactions":[)" +
           transactions + "]}";
}

std::string dispute(const std::string& type, const std::string& status) {
    return R"({"id":9001,"order_id":5001,"type":")" + type + R"(","status":")" + status +
           R"(","amount":"100.00","currency":"EUR","reason":"fraudulent","initiated_at":"2026-01-03T10:00:00+01:00"})";
}

std::int64_t captured(const order_state& o) {
    return read("orders/updated", order(o)).states.at(0).cumulative_minor;
}

}  // namespace

TEST(shopify_money, an_order_that_was_edited_down_keeps_what_came_in_until_it_is_refunded) {
    // Whether total_price follows the edit or not.
    for (const char* total : {"100.00", "80.00"}) {
        EXPECT_EQ(captured({.total = total, .current = "80.00", .outstanding = "-20.00"}), 10000) << total;
        EXPECT_EQ(captured({.status = "partially_refunded",
                            .total = total,
                            .current = "80.00",
                            .refunds = transaction(31, "refund", "success", "20.00")}),
                  10000)
            << total;
    }
}

TEST(shopify_money, an_order_that_was_edited_up_waits_for_the_difference) {
    EXPECT_EQ(
        captured(
            {.status = "partially_paid", .total = "120.00", .current = "120.00", .outstanding = "20.00"}),
        10000);
    EXPECT_EQ(captured({.total = "120.00", .current = "120.00"}), 12000);
}

TEST(shopify_money, an_order_that_was_paid_in_part_and_refunded_in_part_is_not_worth_its_price) {
    EXPECT_EQ(captured({.status = "partially_refunded",
                        .current = "90.00",
                        .outstanding = "40.00",
                        .refunds = transaction(31, "refund", "success", "10.00")}),
              6000);
}

TEST(shopify_money, an_order_that_was_paid_in_part_and_paid_back_was_never_paid_in_full) {
    const std::string back = transaction(31, "refund", "success", "60.00");
    EXPECT_EQ(captured({.status = "refunded", .current = "0.00", .refunds = back}), 6000);
    EXPECT_EQ(captured({.status = "refunded", .outstanding = "100.00", .refunds = back}), 6000);
}

TEST(shopify_money, an_order_that_was_edited_down_before_it_was_paid_is_worth_what_was_paid) {
    EXPECT_EQ(captured({.current = "80.00"}), 8000);
    // Paid and owed contradict each other.
    EXPECT_EQ(captured({.current = "80.00", .outstanding = "80.00"}), 10000);
}

// As Shopify's sample has it, whatever else is made of it.
TEST(shopify_money, a_current_price_above_the_price_tells_nothing) {
    EXPECT_EQ(captured({.current = "110.00", .outstanding = "0.00"}), 10000);
    EXPECT_EQ(captured({.current = "110.00", .outstanding = "110.00"}), 10000);
    EXPECT_EQ(captured({.status = "partially_paid", .current = "110.00", .outstanding = "30.00"}), 7000);
    EXPECT_EQ(captured({.status = "partially_refunded",
                        .current = "110.00",
                        .refunds = transaction(31, "refund", "success", "10.00")}),
              10000);
}

TEST(shopify_money, a_transaction_names_the_gateways_id_of_it) {
    const auto ref = [](const std::string& authorization) {
        return read("order_transactions/create",
                    transaction(31, "sale", "success", "30.00", R"(,"authorization":)" + authorization))
            .notice;
    };
    EXPECT_EQ(ref(R"("8JK12345AB678901C")")->transaction_ref, "8JK12345AB678901C");
    EXPECT_EQ(ref(R"("8JK12345AB678901C")")->external_id, "5001");
    for (const char* none : {"null", R"("53433")", R"("jon@example.com")"})
        EXPECT_EQ(ref(none)->transaction_ref, "") << none;
}

TEST(shopify_money, refunds_do_not_lower_what_was_captured) {
    EXPECT_EQ(captured({.status = "partially_refunded",
                        .current = "70.00",
                        .refunds = transaction(31, "refund", "success", "30.00")}),
              10000);
    EXPECT_EQ(captured({.status = "refunded",
                        .current = "0.00",
                        .refunds = transaction(31, "refund", "success", "100.00")}),
              10000);
}

TEST(shopify_money, a_refund_is_the_same_money_wherever_it_is_told) {
    const std::string one = transaction(31, "refund", "success", "30.00");
    const event by_refund = read("refunds/create", refund(one));
    const event by_transaction = read("order_transactions/create", one);
    const event by_order =
        read("orders/updated", order({.status = "partially_refunded", .current = "70.00", .refunds = one}));
    ASSERT_EQ(by_order.states.size(), 2U);
    for (const money_state& state :
         {by_refund.states.at(0), by_transaction.states.at(0), by_order.states.at(1)}) {
        EXPECT_EQ(state.money_key, "shopify:transaction:31");
        EXPECT_EQ(state.kind, money_kind::refund);
        EXPECT_EQ(state.cumulative_minor, 3000);
        EXPECT_EQ(state.parent, "shopify:order:5001");
        EXPECT_EQ(state.version_at, "2026-01-02T10:00:00Z");
    }
    EXPECT_EQ(by_refund.notice->order_ref, "5001");
    EXPECT_EQ(
        by_refund.notice->payload,
        R"({"kind":"refund","refund_id":"7001","order_id":"5001","amount_minor":3000,"currency":"EUR"})");
}

TEST(shopify_money, only_refunds_that_succeeded_move_money) {
    for (const char* status : {"pending", "failure", "error"})
        EXPECT_EQ(read("refunds/create", refund(transaction(31, "refund", status, "30.00")))
                      .states.at(0)
                      .cumulative_minor,
                  0)
            << status;
    EXPECT_TRUE(read("refunds/create", refund("")).states.empty());
    for (const char* kind : {"sale", "capture", "authorization", "void", "change"}) {
        const event result = read("order_transactions/create", transaction(31, kind, "success", "30.00"));
        EXPECT_TRUE(result.states.empty()) << kind;
        EXPECT_TRUE(result.notice) << kind;
    }
    EXPECT_EQ(code_of("order_transactions/create", transaction(31, "refund", "success", "-30.00")), "RA005");
    EXPECT_EQ(code_of("order_transactions/create", transaction(31, "refund", "success", "30.001")), "RA005");
    EXPECT_EQ(code_of("order_transactions/create", transaction(31, "gift", "success", "30.00")), "RA007");
}

TEST(shopify_money, test_transactions_are_only_counted) {
    const std::string test = transaction(31, "refund", "success", "30.00", R"(,"test":true)");
    EXPECT_EQ(read("order_transactions/create", test).ignored, ignore_reason::test_mode);
    EXPECT_EQ(read("refunds/create", refund(test)).ignored, ignore_reason::test_mode);
    EXPECT_EQ(read("orders/updated", order({.refunds = test})).states.size(), 1U);
}

TEST(shopify_money, a_chargeback_takes_the_money_and_a_won_one_gives_it_back) {
    const auto open = read("disputes/create", dispute("chargeback", "needs_response"));
    const auto won = read("disputes/update", dispute("chargeback", "won"));
    ASSERT_EQ(open.states.size(), 2U);
    EXPECT_EQ(open.states[0].kind, money_kind::chargeback);
    EXPECT_EQ(open.states[0].cumulative_minor, 10000);
    EXPECT_EQ(open.states[0].parent, "shopify:order:5001");
    EXPECT_EQ(open.states[0].version_at, "2026-01-03T10:00:00.000000+01:00");
    EXPECT_EQ(open.states[1].kind, money_kind::chargeback_reversal);
    EXPECT_EQ(open.states[1].cumulative_minor, 0);
    EXPECT_EQ(won.states.at(1).cumulative_minor, 10000);
    EXPECT_EQ(won.states.at(1).version_at, "2026-01-03T10:00:00.000005+01:00");
    EXPECT_TRUE(read("disputes/create", dispute("inquiry", "needs_response")).states.empty());
    EXPECT_EQ(code_of("disputes/create", dispute("quarrel", "won")), "RA007");
    EXPECT_EQ(code_of("disputes/create", dispute("chargeback", "strange")), "RA007");
}

TEST(shopify_money, how_a_dispute_is_told) {
    const auto told = [](const std::string& from, const std::string& to) {
        std::string body = dispute("chargeback", "won");
        return read("disputes/update", body.replace(body.find(from), from.size(), to));
    };
    // A day alone tells no order within it.
    const event by_day = told("\"initiated_at\"", R"("finalized_on":"2026-02-01","initiated_at")");
    EXPECT_EQ(by_day.states.at(1).version_at, "2026-01-03T10:00:00.000005+01:00");
    const event alone = told("5001", "null");
    EXPECT_EQ(alone.states.at(0).parent, "");
    EXPECT_EQ(alone.notice->order_ref, "");
    EXPECT_EQ(told("won", "prevented").states.at(0).cumulative_minor, 0);
    EXPECT_NE(told("fraudulent", "bank_not_process").notice->payload.find(R"("reason":"bank_not_process")"),
              std::string::npos);
    EXPECT_EQ(told("fraudulent", "for Jon").notice->payload.find("reason"), std::string::npos);
}

TEST(shopify_money, an_edit_alone_moves_nothing) {
    const event result = read(
        "orders/edited", R"({"order_edit":{"id":1,"order_id":5001,"created_at":"2026-01-02T10:00:00Z"}})");
    EXPECT_TRUE(result.states.empty());
    EXPECT_EQ(result.notice->order_ref, "5001");
}

TEST(shopify_money, a_body_of_another_topic_is_refused) {
    const std::map<std::string, std::string> bodies{
        {"orders/updated", order({})},
        {"refunds/create", refund(transaction(31, "refund", "success", "30.00"))},
        {"order_transactions/create", transaction(31, "refund", "success", "30.00")},
        {"disputes/create", dispute("chargeback", "won")},
        {"orders/edited", R"({"order_edit":{"id":1,"order_id":5001,"created_at":"2026-01-02T10:00:00Z"}})"}};
    for (const auto& [topic, own] : bodies)
        for (const auto& [other, body] : bodies)
            EXPECT_EQ(code_of(topic, body), topic == other ? "accepted" : "RA007")
                << other << " as " << topic;
}

TEST(shopify_money, journeys_come_with_the_orders_attributes) {
    const auto journey = [](const std::string& name, const std::string& value) {
        std::string body = order({});
        body.back() = ',';
        body += R"("note_attributes":[{"name":")" + name + R"(","value":")" + value + R"("}]})";
        return read("orders/create", body).conversion->journey_id;
    };
    EXPECT_EQ(journey("journey_id", "j-4f9c2a7be1"), "j-4f9c2a7be1");
    EXPECT_EQ(journey("_journey_id", "j-4f9c2a7be1"), "j-4f9c2a7be1");
    EXPECT_EQ(journey("_attribution_journey_id", "j1-ponmlkjihgfedcba"), "j1-ponmlkjihgfedcba");
    EXPECT_EQ(journey("journey_id", "short"), "");
    EXPECT_EQ(journey("journey_id", "jon@example.com"), "");
    EXPECT_EQ(journey("gift", "j-4f9c2a7be1"), "");
}

// The database's rule: of each money key and kind the newest state counts, at the same time the larger
// amount.
TEST(shopify_money, any_order_of_arrival_ends_in_the_same_totals) {
    const std::string pending = transaction(31, "refund", "pending", "30.00");
    const std::string done = transaction(31, "refund", "success", "30.00");
    const std::vector<event> life{
        read("orders/create", order({.status = "pending", .outstanding = "100.00", .minute = 0})),
        read("orders/updated", order({.status = "authorized", .outstanding = "100.00", .minute = 1})),
        read("orders/updated", order({.status = "partially_paid", .outstanding = "60.00", .minute = 2})),
        read("orders/paid", order({.minute = 3})),
        read("orders/updated", order({.current = "80.00", .outstanding = "-20.00", .minute = 4})),
        read("order_transactions/create", pending),
        read("refunds/create", refund(pending)),
        read("orders/updated",
             order({.status = "partially_refunded", .current = "70.00", .refunds = done, .minute = 5})),
        read("refunds/create", refund(done)),
        read("disputes/create", dispute("inquiry", "needs_response")),
        read("disputes/create", dispute("chargeback", "needs_response")),
        read("disputes/update", dispute("chargeback", "under_review")),
        read("disputes/update", dispute("chargeback", "won")),
    };
    using key = std::pair<std::string, money_kind>;
    const std::map<key, std::int64_t> expected{
        {{"shopify:order:5001", money_kind::capture}, 10000},
        {{"shopify:transaction:31", money_kind::refund}, 3000},
        {{"shopify:dispute:9001", money_kind::chargeback}, 10000},
        {{"shopify:dispute:9001", money_kind::chargeback_reversal}, 10000}};
    std::mt19937_64 random(test::seed());
    SCOPED_TRACE(test::seed_note());
    for (int round = 0; round < 1000; ++round) {
        std::vector<event> arrived = life;
        for (int repeats = 0; repeats < 5; ++repeats) arrived.push_back(life[random() % life.size()]);
        std::shuffle(arrived.begin(), arrived.end(), random);
        std::map<key, std::pair<std::string, std::int64_t>> newest;
        for (const event& one : arrived)
            for (const money_state& state : one.states) {
                auto& known = newest[{state.money_key, state.kind}];
                known = std::max(known, {state.version_at, state.cumulative_minor});
            }
        std::map<key, std::int64_t> totals;
        for (const auto& [what, state] : newest) totals[what] = state.second;
        ASSERT_EQ(totals, expected) << "round " << round;
    }
}
