#include "core/credit/split.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

#include "core/errors.hpp"
#include "tests/unit/core/seed.hpp"

namespace attribution::credit {
namespace {

__extension__ using wide = __int128;
using parts = std::vector<std::int64_t>;
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

parts split(std::int64_t total, const std::vector<double>& weights) {
    return split_amount(total, weights);
}

TEST(split, worked_examples) {
    EXPECT_EQ(split(100, {1, 1, 1}), (parts{34, 33, 33}));
    EXPECT_EQ(split(101, {1, 1, 1}), (parts{34, 34, 33}));
    EXPECT_EQ(split(-100, {1, 1, 1}), (parts{-34, -33, -33}));
    EXPECT_EQ(split(1, {0.4, 0.2, 0.4}), (parts{1, 0, 0}));
    EXPECT_EQ(split(5999, {0.4, 0.2, 0.4}), (parts{2400, 1200, 2399}));
    EXPECT_EQ(split(10, {0, 1, 0, 3}), (parts{0, 3, 0, 7}));  // 2.5 and 7.5: equal remainders
    EXPECT_EQ(split(7, {5}), (parts{7}));
    EXPECT_EQ(split(0, {1, 2}), (parts{0, 0}));
    // 1/8 and 1/16 of a unit: the larger remainder gets it, wherever it stands.
    EXPECT_EQ(split(1, {1, 2, 13}), (parts{0, 0, 1}));
}

TEST(split, extremes_do_not_overflow) {
    EXPECT_EQ(split(most, {1}), (parts{most}));
    EXPECT_EQ(split(least, {1}), (parts{least}));
    EXPECT_EQ(split(least, {1, 1}), (parts{least / 2, least / 2}));
    EXPECT_EQ(split(most, {1, 1}), (parts{most / 2 + 1, most / 2}));
    EXPECT_EQ(split(most, {1e308, 1e308}), (parts{most / 2 + 1, most / 2}));
    EXPECT_EQ(split(most, {5e-324, 5e-324}), (parts{most / 2 + 1, most / 2}));
    EXPECT_EQ(split(most, {1e308, 5e-324}), (parts{most, 0}));
    // 2^63 − 1 parted 2^61 to 1: the share of the small one is 4 less a little.
    EXPECT_EQ(split(most, {std::ldexp(1.0, 61), 1})[1], 4);
    const std::vector<double> many(max_parts, 1.0);
    const parts divided = split(least, many);
    EXPECT_TRUE(std::all_of(divided.begin(), divided.end(),
                            [](std::int64_t p) { return p == least / std::int64_t{max_parts}; }));
}

TEST(split, whole_weights_are_exact_beyond_doubles) {
    using weights = std::vector<whole_weight>;
    EXPECT_EQ(split_amount(101, weights{1, 1, 1}), (parts{34, 34, 33}));
    const whole_weight large = (whole_weight{1} << 53) + 1;  // as a double it is one less
    EXPECT_EQ(split_amount(static_cast<std::int64_t>(large) + 3, weights{3, large}),
              (parts{3, static_cast<std::int64_t>(large)}));
    EXPECT_EQ(split_amount(most, weights{whole_weight{most} << 62, 1, 0}), (parts{most, 0, 0}));
    EXPECT_EQ(split_amount(least, weights{whole_weight{1} << 124, whole_weight{1} << 124}),
              (parts{least / 2, least / 2}));
    EXPECT_THROW(split_amount(1, weights{0, 0}), error);
}

// A part of what is there is no more than what is there, and all of it is all.
TEST(split, random_parts_of_balances) {
    test::random_source random;
    for (int i = 0; i < 100'000; ++i) {
        std::vector<whole_weight> balances(1 + random.below(9));
        for (auto& balance : balances) {
            balance = static_cast<whole_weight>(random.any_integer() & most) >> random.below(64);
            if (random.below(50) == 0) balance *= 1000;
        }
        const whole_weight sum = std::accumulate(balances.begin(), balances.end(), whole_weight{0});
        if (sum == 0) continue;
        const auto limit = static_cast<std::int64_t>(std::min<whole_weight>(sum, most));
        const auto total =
            limit - (random.below(4) == 0
                         ? 0
                         : static_cast<std::int64_t>(random.below(static_cast<std::size_t>(limit))));
        const parts divided = split_amount(total, balances);
        const bool is_all = static_cast<whole_weight>(total) == sum;
        for (std::size_t s = 0; s < divided.size(); ++s) {
            const auto part = static_cast<whole_weight>(divided[s]);
            ASSERT_TRUE(is_all ? part == balances[s] : part <= balances[s]) << test::seed_note();
        }
        ASSERT_TRUE(std::accumulate(divided.begin(), divided.end(), wide{0}) == total) << test::seed_note();
    }
}

TEST(split, unusable_weights_are_refused) {
    const std::vector<std::vector<double>> unusable{
        {}, {0}, {0, 0}, {1, -1}, {-0.5}, {1, std::nan("")}, {std::numeric_limits<double>::infinity()}};
    for (const auto& weights : unusable) {
        try {
            split(100, weights);
            ADD_FAILURE() << "divided by " << weights.size() << " weights";
        } catch (const error& e) {
            EXPECT_EQ(e.sqlstate(), "22023");
            EXPECT_FALSE(e.detail().empty());
            EXPECT_FALSE(e.hint().empty());
        }
    }
    EXPECT_THROW(split(1, std::vector<double>(max_parts + 1, 1.0)), error);
}

// What holds of every split, by integer weights, whose shares an __int128 can check exactly.
void expect_exact(std::int64_t total, const std::vector<std::uint32_t>& weights) {
    const std::vector<double> as_doubles(weights.begin(), weights.end());
    const parts divided = split_amount(total, as_doubles);
    const wide sum = std::accumulate(weights.begin(), weights.end(), wide{0});
    wide added = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        added += divided[i];
        // |part − total · weight / sum| < 1
        const wide off = divided[i] * sum - static_cast<wide>(total) * weights[i];
        ASSERT_TRUE(off < sum && off > -sum) << test::seed_note();
        ASSERT_TRUE(weights[i] != 0 || divided[i] == 0) << test::seed_note();
        ASSERT_TRUE(divided[i] == 0 || (divided[i] < 0) == (total < 0)) << test::seed_note();
        for (std::size_t j = 0; j < i && j < 4; ++j) {
            // The larger weight never gets less.
            const bool in_order = weights[i] <= weights[j] || std::abs(static_cast<double>(divided[i])) >=
                                                                  std::abs(static_cast<double>(divided[j]));
            ASSERT_TRUE(in_order) << test::seed_note();
        }
    }
    ASSERT_TRUE(added == total) << test::seed_note();
}

std::int64_t any_total(test::random_source& random) {
    switch (random.below(8)) {
        case 0:
            return most;
        case 1:
            return least;
        case 2:
        case 3:
            return random.any_integer();
        default:
            return static_cast<std::int64_t>(random.below(2'000'000)) - 1'000'000;
    }
}

// SPLITS says how many.
TEST(split, random_splits_are_exact) {
    const char* given = std::getenv("SPLITS");  // NOLINT(concurrency-mt-unsafe): nothing sets it
    test::random_source random;
    for (std::uint64_t left = given != nullptr ? std::stoull(given) : 200'000; left > 0; --left) {
        std::vector<std::uint32_t> weights(1 + random.below(random.below(50) == 0 ? 400 : 12));
        const std::size_t limit = std::size_t{1} << (1 + random.below(31));
        for (auto& weight : weights) weight = static_cast<std::uint32_t>(random.below(limit));
        weights[random.below(weights.size())] += 1;
        expect_exact(any_total(random), weights);
        if (HasFatalFailure()) return;
    }
}

// Weights of any size: scaling all by a power of two changes nothing, the sum holds, and −total gives the
// same negated.
TEST(split, random_fractions_add_up) {
    test::random_source random;
    for (int i = 0; i < 100'000; ++i) {
        std::vector<double> weights(1 + random.below(9));
        const int spread = static_cast<int>(random.below(120));
        for (auto& weight : weights)
            weight = std::ldexp(static_cast<double>(random.any_integer() & most),
                                -static_cast<int>(random.below(static_cast<std::size_t>(spread) + 1)));
        weights[0] += 1;
        const std::int64_t total = any_total(random);
        const parts divided = split_amount(total, weights);
        const wide added = std::accumulate(divided.begin(), divided.end(), wide{0});
        ASSERT_TRUE(added == total) << test::seed_note();
        std::vector<double> scaled = weights;
        for (auto& weight : scaled) weight = std::ldexp(weight, 200);
        ASSERT_EQ(divided, split_amount(total, scaled)) << test::seed_note();
        if (total == least) continue;
        parts negated = split_amount(-total, weights);
        for (auto& part : negated) part = -part;
        ASSERT_EQ(divided, negated) << test::seed_note();
    }
}

}  // namespace
}  // namespace attribution::credit
