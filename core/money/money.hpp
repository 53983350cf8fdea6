// Decimal text to integer minor units and back. No floating point anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace attribution::money {

// A currency of ISO 4217 with its number of decimals (JPY 0, USD 2, KWD 3, CLF 4).
class currency {
  public:
    // Throws error RA006 when the code (three capital letters) is not known.
    static currency from_code(std::string_view code);
    static bool is_known(std::string_view code) noexcept;

    std::string_view code() const noexcept { return code_; }
    int exponent() const noexcept { return exponent_; }
    bool operator==(const currency& other) const noexcept { return code_ == other.code_; }

  private:
    currency(std::string_view code, int exponent) : code_(code), exponent_(exponent) {}

    std::string_view code_;  // points into a constant table
    int exponent_;
};

// "388.00" → 38800. Accepts an optional minus, digits, and a fraction; digits beyond the currency's decimals
// must be zeros. Throws error RA005 for every other text (plus sign, exponent, spaces, bare point) and beyond
// int64.
std::int64_t parse_minor(std::string_view decimal, currency in);

// 38800 → "388.00", with exactly the currency's decimals.
std::string format_minor(std::int64_t minor, currency in);

// Exact sums; throw error RA005 when the result leaves int64.
std::int64_t add(std::int64_t a, std::int64_t b);
std::int64_t subtract(std::int64_t a, std::int64_t b);

}  // namespace attribution::money
