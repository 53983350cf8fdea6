// Divides an amount of money exactly: whole units, by largest remainder (Hamilton's method).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace attribution::credit {

inline constexpr std::size_t max_parts = std::size_t{1} << 20;

// One part for each weight, in their order. The parts add up to `total` exactly, and each is less than one
// unit away from its share total · weight / Σ weights. Units that are left over by rounding towards zero go
// to the largest remainders, of equal ones to those that come first. A part has the sign of the total, a
// weight of zero gets 0, and the parts of −total are those of total negated.
//
// Shares are exact, not rounded: weights are read as the binary fractions that they are (of what is smaller
// than 2^-105 of the largest weight nothing is seen). Error 22023 when a weight is negative, infinite or not
// a number, when none is above zero, or when there are more than max_parts.
std::vector<std::int64_t> split_amount(std::int64_t total, std::span<const double> weights);

// The same by weights that are integers, which may be larger than a double can tell exactly. They add up to
// less than 2^126. No part is larger than its weight unless the total is larger than their sum.
__extension__ using whole_weight = unsigned __int128;
std::vector<std::int64_t> split_amount(std::int64_t total, std::span<const whole_weight> weights);

}  // namespace attribution::credit
