// What holds of every rule model; the worked examples are in sql/touch_credit.sql.
#include "core/credit/rules.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "core/credit/split.hpp"
#include "tests/unit/core/seed.hpp"

namespace attribution::credit {
namespace {

constexpr std::array every_rule{rule::first_touch,    rule::last_touch, rule::last_non_direct, rule::linear,
                                rule::position_based, rule::w_shaped,   rule::time_decay,      rule::custom};
// Groups of touches.
enum channel : std::uint32_t { direct, email, paid_search, channel_count };
constexpr microseconds converted_at = 100 * day;

std::vector<touch> any_touches(test::random_source& random) {
    std::vector<touch> touches(1 + random.below(12));
    for (touch& one : touches) {
        one.at = static_cast<microseconds>(random.below(120)) * day;
        one.group = static_cast<std::uint32_t>(random.below(channel_count));
        one.is_direct = one.group == direct;
        one.is_paid = one.group == paid_search;
    }
    return touches;
}

model any_model(test::random_source& random) {
    model m = default_model(every_rule.at(random.below(every_rule.size())));
    if (random.below(2) == 0) m.lookback = static_cast<microseconds>(random.below(60)) * day;
    m.half_life = static_cast<microseconds>(1 + random.below(30)) * day;
    m.counts = std::array{counted::all, counted::not_direct, counted::paid}.at(random.below(3));
    m.collapse_repeats = random.below(2) == 0;
    return m;
}

bool is_countable(const model& m, const touch& t) {
    const bool in_window = t.at <= converted_at && (!m.lookback || t.at >= converted_at - *m.lookback);
    const bool is_wanted = m.counts == counted::all || (m.counts == counted::paid ? t.is_paid : !t.is_direct);
    return in_window && is_wanted;
}

TEST(rules, credit_adds_up_and_goes_to_what_counts) {
    test::random_source random;
    for (int i = 0; i < 50'000; ++i) {
        const model m = any_model(random);
        const std::vector<touch> touches = any_touches(random);
        const std::vector<double> credit = touch_credit(m, touches, converted_at);
        ASSERT_EQ(credit.size(), touches.size());
        bool is_any = false;
        for (std::size_t t = 0; t < touches.size(); ++t) {
            ASSERT_GE(credit[t], 0) << test::seed_note();
            ASSERT_TRUE(credit[t] == 0 || is_countable(m, touches[t])) << test::seed_note();
            is_any = is_any || is_countable(m, touches[t]);
        }
        const double sum = std::accumulate(credit.begin(), credit.end(), 0.0);
        ASSERT_NEAR(sum, is_any ? 1 : 0, 1e-12) << test::seed_note();
        if (!is_any) continue;
        const auto parts = split_amount(12'345, credit);
        ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}), 12'345) << test::seed_note();
    }
}

TEST(rules, the_order_given_does_not_matter) {
    test::random_source random;
    for (int i = 0; i < 20'000; ++i) {
        const model m = any_model(random);
        std::vector<touch> touches = any_touches(random);
        std::sort(touches.begin(), touches.end(), [](const touch& a, const touch& b) { return a.at < b.at; });
        const bool has_ties =
            std::adjacent_find(touches.begin(), touches.end(),
                               [](const touch& a, const touch& b) { return a.at == b.at; }) != touches.end();
        if (has_ties) continue;
        std::vector<double> credit = touch_credit(m, touches, converted_at);
        std::reverse(touches.begin(), touches.end());
        std::reverse(credit.begin(), credit.end());
        ASSERT_EQ(credit, touch_credit(m, touches, converted_at)) << test::seed_note();
    }
}

// However old the journey: weights of time decay never vanish altogether.
TEST(rules, time_decay_of_an_old_journey) {
    const model m = default_model(rule::time_decay);
    const std::vector<touch> touches{{0, false, false, email}, {7 * day, false, false, email}};
    const std::vector<double> credit = touch_credit(m, touches, 100'000 * day);
    EXPECT_DOUBLE_EQ(credit[0], 1.0 / 3);
    EXPECT_DOUBLE_EQ(credit[1], 2.0 / 3);
}

// PostgreSQL's -infinity and infinity are the least and the largest integer.
TEST(rules, infinite_times) {
    using limits = std::numeric_limits<microseconds>;
    const std::vector<touch> touches{{limits::min(), false, false, email},
                                     {limits::max(), false, false, email}};
    EXPECT_EQ(touch_credit(default_model(rule::time_decay), touches, limits::max()),
              (std::vector<double>{0, 1}));
    model week = default_model(rule::linear);
    week.lookback = 7 * day;
    EXPECT_EQ(touch_credit(week, touches, limits::min()), (std::vector<double>{1, 0}));
    EXPECT_EQ(touch_credit(week, touches, limits::max()), (std::vector<double>{0, 1}));
}

TEST(rules, every_name_is_known) {
    for (const std::string_view name : {"first_touch", "last_touch", "last_non_direct", "linear",
                                        "position_based", "w_shaped", "time_decay", "custom"})
        EXPECT_TRUE(find_rule(name)) << name;
    EXPECT_FALSE(find_rule("First_touch"));
    EXPECT_FALSE(find_counted(""));
}

}  // namespace
}  // namespace attribution::credit
