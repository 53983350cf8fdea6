#include "core/credit/sale.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <numeric>

#include "core/credit/split.hpp"
#include "core/errors.hpp"
#include "tests/unit/core/seed.hpp"

namespace attribution::credit {
namespace {

using enum entry_kind;
using parts = std::vector<std::int64_t>;
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

// Over 40/20/40, and a fourth slot that is the unknown one.
parts divide(const std::vector<sale_entry>& entries) {
    return divide_sale(entries, std::vector<double>{0.4, 0.2, 0.4, 0}, 3);
}

// Of the last entry.
parts last_parts(const std::vector<sale_entry>& entries) {
    const parts all = divide(entries);
    return {all.end() - 4, all.end()};
}

TEST(sale, kinds_by_name) {
    EXPECT_EQ(find_entry_kind("capture"), capture);
    EXPECT_EQ(find_entry_kind("refund"), refund);
    EXPECT_EQ(find_entry_kind("chargeback"), chargeback);
    EXPECT_EQ(find_entry_kind("chargeback_reversal"), chargeback_reversal);
    EXPECT_EQ(find_entry_kind("adjustment"), adjustment);
    EXPECT_EQ(find_entry_kind("Capture"), std::nullopt);
    EXPECT_EQ(find_entry_kind(""), std::nullopt);
}

TEST(sale, money_is_divided_by_the_weights) {
    EXPECT_EQ(divide({}), parts{});
    EXPECT_EQ(divide({{5999, capture, "s"}}), (parts{2400, 1200, 2399, 0}));
    EXPECT_EQ(divide({{0, capture, "s"}}), (parts{0, 0, 0, 0}));
    EXPECT_EQ(divide({{5999, capture, "s"}, {-0, refund, "r"}, {101, adjustment, "a"}}),
              (parts{2400, 1200, 2399, 0, 0, 0, 0, 0, 41, 20, 40, 0}));
    EXPECT_THROW(divide_sale(std::vector<sale_entry>{{1, capture, "s"}}, std::vector<double>{0, 0}, 0),
                 error);
}

TEST(sale, refunds_take_in_proportion_to_balances) {
    // Shares of 3333: 1333.2, 666.6, 1333.2 of the sale; then 1333.3, 666.4, 1333.3 of 2667, 1333, 2667,
    // where the largest remainder is again the second slot's. Then all is taken.
    EXPECT_EQ(
        divide({{10000, capture, "s"}, {-3333, refund, "1"}, {-3333, refund, "2"}, {-3334, refund, "3"}}),
        (parts{4000, 2000, 4000, 0, -1333, -667, -1333, 0, -1333, -667, -1333, 0, -1334, -666, -1334, 0}));
    // A correction down and a chargeback take alike.
    EXPECT_EQ(divide({{10, capture, "s"}, {-5, capture, "s"}, {-5, chargeback, "s"}}),
              (parts{4, 2, 4, 0, -2, -1, -2, 0, -2, -1, -2, 0}));
}

TEST(sale, what_comes_back_goes_where_the_same_money_was_taken) {
    // 1 of 4, 2, 4 (0.4, 0.2, 0.4) and 1 of 3, 2, 4 (0.33…, 0.22…, 0.44…): the second refund fails.
    EXPECT_EQ(divide({{10, capture, "s"}, {-1, refund, "1"}, {-1, refund, "2"}, {1, refund, "2"}}),
              (parts{4, 2, 4, 0, -1, 0, 0, 0, 0, 0, -1, 0, 0, 0, 1, 0}));
    // More comes back than that money took: the rest from what the other refund took.
    EXPECT_EQ(divide({{10, capture, "s"}, {-1, refund, "1"}, {-1, refund, "2"}, {2, refund, "2"}}),
              (parts{4, 2, 4, 0, -1, 0, 0, 0, 0, 0, -1, 0, 1, 0, 1, 0}));
    // What has come back does not come back again: then from the other refund, then by weights.
    EXPECT_EQ(
        last_parts(
            {{10, capture, "s"}, {-1, refund, "1"}, {-1, refund, "2"}, {1, refund, "2"}, {1, refund, "2"}}),
        (parts{1, 0, 0, 0}));
    EXPECT_EQ(divide({{10, capture, "s"}, {-5, refund, "1"}, {5, refund, "1"}, {5, refund, "1"}}),
              (parts{4, 2, 4, 0, -2, -1, -2, 0, 2, 1, 2, 0, 2, 1, 2, 0}));
    // What a dispute gives back was taken under another key: from the first slot, and when that has it, from
    // the third.
    EXPECT_EQ(last_parts({{10, capture, "s"},
                          {-1, refund, "1"},
                          {-1, chargeback, "s"},
                          {1, chargeback_reversal, "d"},
                          {1, chargeback_reversal, "d"}}),
              (parts{0, 0, 1, 0}));
    EXPECT_EQ(
        last_parts(
            {{10, capture, "s"}, {-1, refund, "1"}, {-1, chargeback, "s"}, {1, chargeback_reversal, "s"}}),
        (parts{0, 0, 1, 0}));
    // Sale money is not given back.
    for (const entry_kind kind : {capture, adjustment}) {
        EXPECT_EQ(last_parts({{10, capture, "s"}, {-1, refund, "1"}, {-1, kind, "s"}, {1, kind, "s"}}),
                  (parts{1, 0, 0, 0}));
    }
    // A dispute under the sale's key that is won under its own.
    EXPECT_EQ(divide({{10, capture, "s"}, {-10, chargeback, "s"}, {10, chargeback_reversal, "d"}}),
              (parts{4, 2, 4, 0, -4, -2, -4, 0, 4, 2, 4, 0}));
}

TEST(sale, a_shortfall_waits_for_money) {
    // The refund came first.
    EXPECT_EQ(divide({{-5, refund, "1"}, {10, capture, "s"}}), (parts{-2, -1, -2, 0, 4, 2, 4, 0}));
    // Two wait, and are served in their order: the first whole, the second in part.
    EXPECT_EQ(divide({{-5, refund, "1"}, {-10, refund, "2"}, {10, capture, "s"}}),
              (parts{-2, -1, -2, 0, -2, -1, -2, -5, 4, 2, 4, 0}));
    // More was refunded than was sold, until a correction.
    EXPECT_EQ(divide({{10, capture, "s"}, {-15, refund, "1"}}), (parts{4, 2, 4, 0, -4, -2, -4, -5}));
    EXPECT_EQ(divide({{10, capture, "s"}, {-15, refund, "1"}, {10, capture, "s"}}),
              (parts{4, 2, 4, 0, -6, -3, -6, 0, 4, 2, 4, 0}));
}

TEST(sale, what_comes_back_ends_shortfalls_last) {
    // Nothing was taken, so nothing can go back: both are unknown.
    EXPECT_EQ(divide({{-5, refund, "1"}, {3, refund, "1"}}), (parts{0, 0, 0, -5, 0, 0, 0, 3}));
    // That of the same money first: what is left of it, 2, and the other wait for the sale.
    EXPECT_EQ(divide({{-5, refund, "1"}, {-5, refund, "2"}, {3, refund, "2"}, {5, capture, "s"}}),
              (parts{-2, -1, -2, 0, 0, 0, 0, -5, 0, 0, 0, 3, 2, 1, 2, 0}));
    // Both, and then by weights.
    EXPECT_EQ(divide({{-5, refund, "1"}, {-5, refund, "2"}, {15, refund, "2"}}),
              (parts{0, 0, 0, -5, 0, 0, 0, -5, 2, 1, 2, 10}));
    // The refund of 15 took 10, which come back; what it lacks is taken from them again.
    EXPECT_EQ(divide({{10, capture, "s"}, {-15, refund, "1"}, {10, refund, "1"}}),
              (parts{4, 2, 4, 0, -6, -3, -6, 0, 4, 2, 4, 0}));
}

TEST(sale, extremes_are_exact) {
    // 2^53 + 1 and its like are no doubles: all is taken from each slot, to the unit.
    const std::vector<double> weights{3, 1, 1};
    parts all = split_amount(most, weights);
    const parts refunded = all;
    for (const std::int64_t part : refunded) all.push_back(-part);
    EXPECT_EQ(divide_sale(std::vector<sale_entry>{{most, capture, "s"}, {-most, refund, "r"}}, weights, 2),
              all);
    // Balances beyond int64: 3 · (2^63 − 1) less 2^63, twice.
    const parts divided = divide_sale(std::vector<sale_entry>{{most, capture, "s"},
                                                              {most, capture, "s"},
                                                              {most, capture, "s"},
                                                              {least, refund, "r"},
                                                              {least, refund, "r"}},
                                      std::vector<double>{1, 0}, 1);
    EXPECT_EQ(divided, (parts{most, 0, most, 0, most, 0, least, 0, least, 0}));
    EXPECT_EQ(divide_sale(std::vector<sale_entry>{{least, refund, "r"}, {most, refund, "r"}}, weights, 0),
              (parts{least, 0, 0, most, 0, 0}));
}

}  // namespace
}  // namespace attribution::credit
