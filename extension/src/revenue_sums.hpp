// What rollups of revenue add up. Calls PostgreSQL for numeric: run it inside call().
#pragma once

#include <cstdint>
#include <map>
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

using revenue_cells = std::map<revenue_key, revenue_sums>;

void add(revenue_sums& to, const revenue_sums& more);
[[nodiscard]] bool is_same_sum(const revenue_sums& a, const revenue_sums& b);

// What has to be added to a sum of `before` and others, that it becomes one of `now`. Only if
// difference_suffices: not when something went that nothing tells of others, the newest entry or the only one
// with tax.
[[nodiscard]] bool difference_suffices(const revenue_sums& before, const revenue_sums& now);
[[nodiscard]] revenue_sums difference(const revenue_sums& before, const revenue_sums& now);

}  // namespace attribution::reports
