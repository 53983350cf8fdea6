// What rollups of revenue add up. Calls PostgreSQL for numeric: run it inside call().
#pragma once

#include <cstdint>
#include <string>

#include "extension/src/compat.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace attribution::reports {

// Of a rollup's row, besides tenant and time of the entries.
struct revenue_key {
    std::int64_t sale = 0;  // when the sale was: a quarter of an hour, or a day
    std::string channel;
    std::string currency;
    std::string kind;
    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
    auto operator<=>(const revenue_key&) const = default;
};

__extension__ using wide = __int128;

// Of bigints, which may be missing: of 2^64 of them no sum is too large.
class whole_sum {
  public:
    void add(std::int64_t value) {
        sum_ += value;
        has_any_ = true;
    }
    // 0 for NULL: nothing was added.
    [[nodiscard]] Datum numeric() const;

  private:
    wide sum_ = 0;
    bool has_any_ = false;
};

// Of ledger entries.
struct entry_sums {
    std::int64_t entries = 0;
    std::int64_t sales = 0;
    whole_sum amount;
    whole_sum tax;
    whole_sum shipping;
    TimestampTz last_booked_at = DT_NOBEGIN;
};

// Amounts are numeric, 0 for NULL: no entry told of it. They live as long as the memory context that they
// were made in.
struct revenue_sums {
    std::int64_t entries = 0;
    std::int64_t sales = 0;
    Datum amount = 0;
    Datum tax = 0;
    Datum shipping = 0;
    TimestampTz last_booked_at = DT_NOBEGIN;
};

[[nodiscard]] revenue_sums to_sums(const entry_sums& of);

void add(revenue_sums& to, const revenue_sums& more);
[[nodiscard]] bool is_same_sum(const revenue_sums& a, const revenue_sums& b);

// What has to be added to a sum of `before` and others, that it becomes one of `now`. Only if
// difference_suffices: not when something went that nothing tells of others, the newest entry or the only one
// with tax; so never when all is gone.
[[nodiscard]] bool difference_suffices(const revenue_sums& before, const revenue_sums& now);
[[nodiscard]] revenue_sums difference(const revenue_sums& before, const revenue_sums& now);

}  // namespace attribution::reports
