// What holds of every sale, whatever happens to it.
#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <limits>

#include "core/credit/sale.hpp"
#include "tests/unit/core/seed.hpp"

namespace attribution::credit {
namespace {

__extension__ using wide = __int128;

struct life {
    std::vector<sale_entry> entries;
    std::vector<double> weights;
    std::size_t unknown_slot = 0;

    [[nodiscard]] wide total() const {
        wide sum = 0;
        for (const sale_entry& entry : entries) sum += entry.amount_minor;
        return sum;
    }
    [[nodiscard]] std::vector<std::int64_t> divide() const {
        return divide_sale(entries, weights, unknown_slot);
    }
};

constexpr std::array<std::string_view, 5> keys{"sale", "refund 1", "refund 2", "refund 3", "dispute"};
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

std::int64_t clamp(wide amount) {
    return static_cast<std::int64_t>(std::clamp<wide>(amount, least, most));
}

class life_maker {
  public:
    life make() {
        life made;
        made.weights.resize(1 + random_.below(12));
        const bool is_fraction = random_.below(2) == 0;
        for (double& weight : made.weights)
            weight = random_.below(4) == 0 ? 0
                     : is_fraction         ? static_cast<double>(random_.below(1'000'000)) / 7.0
                                           : static_cast<double>(random_.below(5));
        made.weights[random_.below(made.weights.size())] += 1;
        made.unknown_slot = random_.below(made.weights.size());
        limit_ =
            std::array<std::int64_t, 5>{3, 100, 100'000, std::int64_t{1} << 55, most}.at(random_.below(5));
        for (std::size_t left = random_.below(12); left > 0; --left) made.entries.push_back(any_entry(made));
        if (random_.below(2) == 0) refund_all(made);
        return made;
    }
    // Entries of which the sum is never below 0: all that a provider that makes no mistake tells.
    life make_sound() {
        life made = make();
        wide total = 0;
        for (sale_entry& entry : made.entries) {
            if (total + entry.amount_minor < 0) entry.amount_minor = clamp(-total);
            total += entry.amount_minor;
        }
        return made;
    }
    std::size_t below(std::size_t limit) { return random_.below(limit); }

  private:
    std::int64_t any_amount() {
        if (limit_ == most)
            return random_.below(3) == 0 ? most - static_cast<std::int64_t>(random_.below(3))
                                         : random_.any_integer() & most;
        return static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(limit_)));
    }
    sale_entry any_entry(const life& made) {
        constexpr std::array kinds{entry_kind::capture, entry_kind::refund, entry_kind::chargeback,
                                   entry_kind::chargeback_reversal, entry_kind::adjustment};
        const entry_kind kind = kinds.at(random_.below(kinds.size()));
        const std::string_view key = keys.at(random_.below(keys.size()));
        std::int64_t amount = any_amount();
        const bool usually_negative = kind == entry_kind::refund || kind == entry_kind::chargeback;
        if (usually_negative != (random_.below(4) == 0)) amount = -amount;
        if (limit_ == most && random_.below(20) == 0) amount = least;
        // The reverse of an earlier one: a refund that fails, a dispute that is won.
        if (!made.entries.empty() && random_.below(3) == 0) {
            const sale_entry& earlier = made.entries[random_.below(made.entries.size())];
            return {clamp(-static_cast<wide>(earlier.amount_minor)),
                    random_.below(2) == 0 ? earlier.kind : kind,
                    random_.below(2) == 0 ? earlier.money_key : key};
        }
        return {amount, kind, key};
    }
    // In one entry, or in as many as int64 needs; or the money that is lacking.
    void refund_all(life& made) {
        for (wide total = made.total(); total != 0; total = made.total())
            made.entries.push_back({clamp(-total), total > 0 ? entry_kind::refund : entry_kind::capture,
                                    keys.at(random_.below(keys.size()))});
    }

    test::random_source random_;
    std::int64_t limit_ = 0;
};

// Of each slot, all its parts.
std::vector<wide> sums(const life& one, const std::vector<std::int64_t>& parts) {
    std::vector<wide> of_slots(one.weights.size());
    for (std::size_t i = 0; i < parts.size(); ++i) of_slots[i % of_slots.size()] += parts[i];
    return of_slots;
}

void expect_entries_add_up(const life& one, const std::vector<std::int64_t>& parts) {
    const std::size_t slots = one.weights.size();
    ASSERT_EQ(parts.size(), one.entries.size() * slots);
    for (std::size_t e = 0; e < one.entries.size(); ++e) {
        const std::int64_t amount = one.entries[e].amount_minor;
        wide sum = 0;
        for (std::size_t slot = 0; slot < slots; ++slot) {
            const std::int64_t part = parts[e * slots + slot];
            sum += part;
            ASSERT_TRUE(part == 0 || (part < 0) == (amount < 0)) << test::seed_note();
            ASSERT_TRUE(part == 0 || one.weights[slot] > 0 || slot == one.unknown_slot) << test::seed_note();
        }
        ASSERT_TRUE(sum == amount) << test::seed_note();
    }
}

void expect_slots_follow_the_total(const life& one, const std::vector<std::int64_t>& parts) {
    const wide total = one.total();
    const std::vector<wide> of_slots = sums(one, parts);
    for (std::size_t slot = 0; slot < of_slots.size(); ++slot) {
        ASSERT_TRUE(total != 0 || of_slots[slot] == 0) << test::seed_note();
        ASSERT_TRUE(total < 0 || of_slots[slot] >= 0) << test::seed_note();
        ASSERT_TRUE(total >= 0 || of_slots[slot] == (slot == one.unknown_slot ? total : 0))
            << test::seed_note();
    }
}

// Also of what was known of it at any time before.
TEST(sale_lives, entries_and_slots_add_up) {
    life_maker maker;
    for (int i = 0; i < 100'000; ++i) {
        life one = maker.make();
        for (;;) {
            const auto parts = one.divide();
            ASSERT_NO_FATAL_FAILURE(expect_entries_add_up(one, parts));
            ASSERT_NO_FATAL_FAILURE(expect_slots_follow_the_total(one, parts));
            if (one.entries.empty()) break;
            one.entries.pop_back();
        }
    }
}

// And then what came before does not change with what comes after.
TEST(sale_lives, no_slot_is_ever_below_zero_if_the_sale_is_not) {
    life_maker maker;
    for (int i = 0; i < 100'000; ++i) {
        life one = maker.make_sound();
        const auto parts = one.divide();
        ASSERT_NO_FATAL_FAILURE(expect_entries_add_up(one, parts));
        std::vector<wide> balances(one.weights.size());
        for (std::size_t p = 0; p < parts.size(); ++p) {
            wide& balance = balances[p % balances.size()];
            balance += parts[p];
            ASSERT_TRUE(balance >= 0) << test::seed_note();
        }
        if (one.entries.empty()) continue;
        one.entries.resize(maker.below(one.entries.size()));
        const auto before = one.divide();
        ASSERT_TRUE(std::equal(before.begin(), before.end(), parts.begin())) << test::seed_note();
    }
}

TEST(sale_lives, partial_refunds_and_the_rest_leave_nothing) {
    life_maker maker;
    for (int i = 0; i < 100'000; ++i) {
        life one = maker.make();
        const std::int64_t sold =
            1 + static_cast<std::int64_t>(maker.below(std::size_t{1} << (1 + maker.below(62))));
        one.entries = {{sold, entry_kind::capture, "sale"}};
        std::int64_t left = sold;
        for (std::size_t refunds = maker.below(20); refunds > 0; --refunds) {
            const auto refund = static_cast<std::int64_t>(maker.below(static_cast<std::size_t>(left) + 1));
            one.entries.push_back({-refund, entry_kind::refund, keys.at(maker.below(keys.size()))});
            left -= refund;
        }
        one.entries.push_back({-left, entry_kind::refund, "the rest"});
        const auto parts = one.divide();
        ASSERT_NO_FATAL_FAILURE(expect_entries_add_up(one, parts));
        for (const wide sum : sums(one, parts)) ASSERT_TRUE(sum == 0) << test::seed_note();
    }
}

// A refund that fails leaves everything as it was, if nothing else came between them.
TEST(sale_lives, a_failed_refund_leaves_no_trace) {
    life_maker maker;
    for (int i = 0; i < 100'000; ++i) {
        life one = maker.make_sound();
        const wide total = one.total();
        const std::vector<wide> before = sums(one, one.divide());
        const std::int64_t amount = clamp(total);
        if (amount == 0) continue;
        const auto refund = 1 + static_cast<std::int64_t>(maker.below(static_cast<std::size_t>(amount)));
        one.entries.push_back({-refund, entry_kind::refund, "one that fails"});
        one.entries.push_back({refund, entry_kind::refund, "one that fails"});
        ASSERT_TRUE(before == sums(one, one.divide())) << test::seed_note();
    }
}

TEST(sale_lives, the_same_entries_have_the_same_parts) {
    life_maker maker;
    life other = maker.make();
    for (int i = 0; i < 10'000; ++i) {
        const life one = maker.make();
        const auto parts = one.divide();
        (void)other.divide();
        ASSERT_EQ(parts, one.divide()) << test::seed_note();
        other = one;
    }
}

}  // namespace
}  // namespace attribution::credit
