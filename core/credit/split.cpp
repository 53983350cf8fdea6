#include "core/credit/split.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "core/errors.hpp"

namespace attribution::credit {

namespace {

using wide = whole_weight;

constexpr int double_bits = 53;
// Of the largest weight. Thrice the sum of max_parts such weights fits into `wide`, as divide() needs it.
constexpr int weight_bits = 105;

// A weight as mantissa · 2^exponent, the mantissa odd, or 0.
struct fraction {
    std::uint64_t mantissa = 0;
    int exponent = 0;

    [[nodiscard]] int top() const { return exponent + static_cast<int>(std::bit_width(mantissa)); }
};

fraction read_weight(double weight) {
    if (!std::isfinite(weight) || weight < 0) {
        throw error("22023", "a weight is not usable",
                    "Each weight must be a number of at least 0, and not infinite.",
                    "Give a part that shall get nothing the weight 0.");
    }
    if (weight == 0) return {};
    int exponent = 0;
    const auto mantissa = static_cast<std::uint64_t>(std::ldexp(std::frexp(weight, &exponent), double_bits));
    const int zeros = std::countr_zero(mantissa);
    return {mantissa >> zeros, exponent - double_bits + zeros};
}

// The weights as integers of the same proportions.
std::vector<wide> to_integers(std::span<const double> weights) {
    std::vector<fraction> fractions;
    fractions.reserve(weights.size());
    for (const double weight : weights) fractions.push_back(read_weight(weight));
    int lowest = 0;
    int top = 0;
    bool is_any = false;
    for (const fraction& f : fractions) {
        if (f.mantissa == 0) continue;
        lowest = is_any ? std::min(lowest, f.exponent) : f.exponent;
        top = is_any ? std::max(top, f.top()) : f.top();
        is_any = true;
    }
    lowest = std::max(lowest, top - weight_bits);
    std::vector<wide> integers;
    integers.reserve(fractions.size());
    for (const fraction& f : fractions) {
        const int shift = f.exponent - lowest;
        if (shift >= 0)
            integers.push_back(static_cast<wide>(f.mantissa) << (f.mantissa == 0 ? 0 : shift));
        else
            integers.push_back(-shift < 64 ? f.mantissa >> -shift : 0);
    }
    return integers;
}

struct quotient {
    std::uint64_t whole;
    wide remainder;
};

// amount · weight / sum, for weight ≤ sum. The product has up to 169 bits: where it does not fit, it is
// divided while it is made, one bit of the amount after the other.
quotient divide(std::uint64_t amount, wide weight, wide sum) {
    constexpr wide fits = ~wide{0} >> 64;
    if (weight <= fits) {
        const wide product = amount * weight;
        return {static_cast<std::uint64_t>(product / sum), product % sum};
    }
    quotient result{0, 0};
    for (int bit = 63; bit >= 0; --bit) {
        result.whole <<= 1;
        result.remainder = (result.remainder << 1) + ((amount >> bit & 1) != 0 ? weight : 0);
        for (; result.remainder >= sum; result.remainder -= sum) ++result.whole;
    }
    return result;
}

}  // namespace

std::vector<std::int64_t> split_amount(std::int64_t total, std::span<const double> weights) {
    // First and last touch give all to one.
    const auto is_above_zero = [](double weight) { return weight > 0; };
    const auto first = std::find_if(weights.begin(), weights.end(), is_above_zero);
    if (first != weights.end() && std::isfinite(*first) && weights.size() <= max_parts &&
        std::all_of(weights.begin(), first, [](double weight) { return weight == 0; }) &&
        std::all_of(first + 1, weights.end(), [](double weight) { return weight == 0; })) {
        std::vector<std::int64_t> parts(weights.size(), 0);
        parts[static_cast<std::size_t>(first - weights.begin())] = total;
        return parts;
    }
    return split_amount(total, to_integers(weights));
}

std::vector<std::int64_t> split_amount(std::int64_t total, std::span<const whole_weight> weights) {
    if (weights.size() > max_parts) {
        throw error("22023", "there are too many parts",
                    "An amount can be divided into 1048576 parts at most.", "Divide it into groups first.");
    }
    const wide sum = std::accumulate(weights.begin(), weights.end(), wide{0});
    if (sum == 0) {
        throw error("22023", "there is nothing to divide by", "At least one weight must be above 0.",
                    "Leave the amount undivided, or give the part that gets it the weight 1.");
    }
    // The magnitude of the least integer is no std::int64_t.
    const auto bits = static_cast<std::uint64_t>(total);
    const std::uint64_t amount = total < 0 ? 0 - bits : bits;

    std::vector<std::uint64_t> parts;
    std::vector<std::pair<wide, std::size_t>> remainders;
    parts.reserve(weights.size());
    std::uint64_t left = amount;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const quotient share = divide(amount, weights[i], sum);
        parts.push_back(share.whole);
        left -= share.whole;
        if (share.remainder > 0) remainders.emplace_back(share.remainder, i);
    }
    // Each remainder is less than one unit, so there are more of them than units left.
    const auto end = remainders.begin() + static_cast<std::ptrdiff_t>(left);
    std::nth_element(remainders.begin(), end, remainders.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    std::for_each(remainders.begin(), end, [&parts](const auto& remainder) { ++parts[remainder.second]; });

    std::vector<std::int64_t> signed_parts(parts.size());
    std::transform(parts.begin(), parts.end(), signed_parts.begin(), [total](std::uint64_t part) {
        return static_cast<std::int64_t>(total < 0 ? 0 - part : part);
    });
    return signed_parts;
}

}  // namespace attribution::credit
