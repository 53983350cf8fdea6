// What an order's statuses, dates and refunds say of its money.
#include <string>

#include "core/providers/woocommerce.hpp"
#include "samples.hpp"

using namespace attribution;
using namespace attribution::providers;

namespace {

using samples::changes;

constexpr auto order_key = "woocommerce:shop.example.com:order:727";

event translate(const changes& with) {
    delivery_facts facts;
    facts.source = "woocommerce";
    facts.topic = "order.updated";
    facts.digest_hex = std::string(64, '0');
    facts.account = "shop.example.com";
    return woocommerce::translate(facts, samples::changed("woocommerce/order.created.json", with));
}

std::string code_of(const changes& with) {
    try {
        translate(with);
    } catch (const error& refused) {
        return std::string(refused.sqlstate());
    }
    return "accepted";
}

changes status(const std::string& name, bool has_date, changes more = {}) {
    more.emplace_back("status", '"' + name + '"');
    if (!has_date) more.emplace_back("date_paid_gmt", "null");
    return more;
}

std::int64_t captured(const changes& with) {
    return translate(with).states.at(0).cumulative_minor;
}

constexpr auto ten_back = R"([{"id":726,"reason":"","total":"-10.00"}])";
constexpr auto all_back =
    R"([{"id":726,"reason":"","total":"-10.00"},{"id":728,"reason":"","total":"-19.35"}])";

const money_state* find(const event& in, const std::string& key, money_kind kind) {
    for (const money_state& state : in.states)
        if (state.money_key == key && state.kind == kind) return &state;
    return nullptr;
}

}  // namespace

TEST(woocommerce_money, paid_by_status) {
    for (const char* paid : {"processing", "completed", "refunded"})
        EXPECT_EQ(captured(status(paid, false)), 2935) << paid;
    for (const char* unpaid :
         {"pending", "on-hold", "failed", "cancelled", "checkout-draft", "trash", "shipped"}) {
        const event result = translate(status(unpaid, false));
        EXPECT_EQ(result.states.at(0).cumulative_minor, 0) << unpaid;
        EXPECT_EQ(result.states.at(0).tax_minor, std::nullopt) << unpaid;
        EXPECT_TRUE(result.conversion) << unpaid;
        EXPECT_EQ(result.states.size(), 1U) << unpaid;
    }
    EXPECT_EQ(code_of({{"status", "null"}}), "RA007");
    EXPECT_EQ(code_of({{"status", "\"\""}}), "RA007");
}

TEST(woocommerce_money, what_was_paid_stays_paid_whatever_becomes_of_the_order) {
    for (const char* later :
         {"pending", "on-hold", "failed", "cancelled", "trash", "processing", "completed", "shipped"})
        EXPECT_EQ(captured(status(later, true)), 2935) << later;
}

TEST(woocommerce_money, cash_on_delivery_is_paid_when_it_is_completed) {
    const changes cash{{"payment_method", "\"cod\""}};
    EXPECT_EQ(captured(status("processing", false, cash)), 0);
    EXPECT_EQ(captured(status("cancelled", false, cash)), 0);
    EXPECT_EQ(captured(status("completed", false, cash)), 2935);
    EXPECT_EQ(captured(status("processing", true, cash)), 2935);
}

TEST(woocommerce_money, times) {
    const event unpaid = translate(status("pending", false));
    EXPECT_EQ(unpaid.conversion->occurred_at, "2017-03-22T19:28:02Z");
    const event later = translate({{"date_modified_gmt", "\"2017-03-23T00:00:00\""}, {"refunds", ten_back}});
    EXPECT_EQ(later.states.at(0).occurred_at, "2017-03-22T19:28:08Z");
    EXPECT_EQ(later.states.at(0).version_at, "2017-03-23T00:00:00Z");
    EXPECT_EQ(later.states.at(2).occurred_at, "2017-03-23T00:00:00Z");
    EXPECT_EQ(code_of(status("pending", false, {{"date_created_gmt", "null"}})), "RA007");
}

TEST(woocommerce_money, decimals_are_those_of_the_store) {
    const changes yen{{"currency", "\"JPY\""}, {"total_tax", "\"0.00\""}, {"shipping_total", "\"1000.00\""}};
    const auto with_total = [&](const char* total) {
        changes all = yen;
        all.emplace_back("total", total);
        return all;
    };
    EXPECT_EQ(captured(with_total("\"12000.00\"")), 12000);
    EXPECT_EQ(translate(with_total("\"12000.00\"")).states.at(0).shipping_minor, 1000);
    EXPECT_EQ(code_of(with_total("\"12000.50\"")), "RA005");
    EXPECT_EQ(captured({{"total", "\"29\""}}), 2900);
    EXPECT_EQ(captured({{"total", "\"29.3500\""}}), 2935);
    EXPECT_EQ(captured({{"total", "29.35"}}), 2935);
    for (const char* total : {"\"29.355\"", "\"-29.35\"", "\"29,35\"", "\"\"", "2.9e1", "\"1e2\""})
        EXPECT_EQ(code_of({{"total", total}}), "RA005") << total;
    EXPECT_EQ(code_of({{"total_tax", "\"1.355\""}}), "RA005");
    EXPECT_EQ(code_of({{"currency", "\"QQQ\""}}), "RA006");
}

TEST(woocommerce_money, tax_and_shipping_never_overlap) {
    const event taxed =
        translate({{"shipping_tax", "\"1.90\""}, {"total_tax", "\"3.25\""}, {"total", "\"31.25\""}});
    EXPECT_EQ(taxed.states.at(0).tax_minor, 325);
    EXPECT_EQ(taxed.states.at(0).shipping_minor, 1000);
}

TEST(woocommerce_money, a_refund_has_a_key_of_its_own_and_the_order_as_parent) {
    const event result = translate({{"refunds", ten_back}});
    ASSERT_EQ(result.states.size(), 3U);
    EXPECT_EQ(result.states[0].cumulative_minor, 2935);
    const money_state* refund = find(result, "woocommerce:shop.example.com:refund:726", money_kind::refund);
    ASSERT_NE(refund, nullptr);
    EXPECT_EQ(refund->cumulative_minor, 1000);
    EXPECT_EQ(refund->parent, order_key);
    EXPECT_EQ(refund->role, money_role::part);
    const money_state* total = find(result, order_key, money_kind::refund);
    ASSERT_NE(total, nullptr);
    EXPECT_EQ(total->cumulative_minor, 1000);
    EXPECT_EQ(total->role, money_role::total);
}

TEST(woocommerce_money, refunded_means_all_of_it_whatever_is_listed) {
    for (const char* listed : {"[]", ten_back, all_back}) {
        const event result = translate(status("refunded", true, {{"refunds", listed}}));
        EXPECT_EQ(result.states.at(0).cumulative_minor, 2935) << listed;
        const money_state* total = find(result, order_key, money_kind::refund);
        ASSERT_NE(total, nullptr) << listed;
        EXPECT_EQ(total->cumulative_minor, 2935) << listed;
    }
}

TEST(woocommerce_money, what_came_back_had_come_in) {
    // A payment on account that a plugin's status stands for, given back.
    EXPECT_EQ(captured(status("cancelled", false, {{"refunds", ten_back}})), 1000);
    EXPECT_EQ(captured({{"refunds", all_back}, {"total", "\"20.00\""}}), 2935);
}

TEST(woocommerce_money, refunds_are_negative) {
    EXPECT_EQ(code_of({{"refunds", R"([{"id":726,"total":"10.00"}])"}}), "RA005");
    EXPECT_EQ(code_of({{"refunds", R"([{"id":726,"total":"-10.001"}])"}}), "RA005");
    EXPECT_EQ(translate({{"refunds", R"([{"id":726,"total":"-0.00"}])"}}).states.at(2).cumulative_minor, 0);
}
