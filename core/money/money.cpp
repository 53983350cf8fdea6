#include "core/money/money.hpp"

#include <charconv>
#include <iterator>

#include "core/errors.hpp"
#include "core/money/currencies.hpp"

namespace attribution::money {

namespace {

const detail::currency_row* find_currency(std::string_view code) noexcept {
    const auto* row = std::lower_bound(detail::currencies.begin(), detail::currencies.end(), code,
                                       [](const detail::currency_row& candidate, std::string_view wanted) {
                                           return candidate.code < wanted;
                                       });
    return row != detail::currencies.end() && row->code == code ? row : nullptr;
}

[[noreturn]] void refuse(std::string detail, std::string hint = {}) {
    throw error(invalid_amount, "invalid amount", std::move(detail), std::move(hint));
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Appends a digit to a sum that is kept negative, since int64 reaches one further down than up.
std::int64_t push_digit(std::int64_t negative_sum, int digit) {
    std::int64_t result = 0;
    if (__builtin_mul_overflow(negative_sum, std::int64_t{10}, &result) ||
        __builtin_sub_overflow(result, std::int64_t{digit}, &result))
        refuse("The amount in minor units does not fit into 64 bits.");
    return result;
}

}  // namespace

currency currency::from_code(std::string_view code) {
    const detail::currency_row* row = find_currency(code);
    if (row == nullptr)
        throw error(unknown_currency, "unknown currency", "The currency is not an active code of ISO 4217.",
                    "Currencies are three capital letters, such as EUR.");
    return {row->code, row->exponent};
}

bool currency::is_known(std::string_view code) noexcept {
    return find_currency(code) != nullptr;
}

std::int64_t parse_minor(std::string_view decimal, currency in) {
    const bool negative = decimal.starts_with('-');
    if (negative) decimal.remove_prefix(1);
    const std::size_t point = decimal.find('.');
    const std::string_view whole = decimal.substr(0, point);
    std::string_view fraction = point == std::string_view::npos ? "0" : decimal.substr(point + 1);
    if (!is_digits(whole) || !is_digits(fraction))
        refuse("An amount is not a plain decimal number.",
               "Amounts look like 388.00, with a point and no exponent.");

    const auto decimals = static_cast<std::size_t>(in.exponent());
    if (fraction.size() > decimals) {
        if (fraction.find_first_not_of('0', decimals) != std::string_view::npos)
            refuse("An amount has more decimals than its currency: " + std::string(in.code()) + " has " +
                   std::to_string(decimals) + ".");
        fraction = fraction.substr(0, decimals);
    }

    std::int64_t sum = 0;
    for (const char c : whole) sum = push_digit(sum, c - '0');
    for (std::size_t i = 0; i < decimals; ++i)
        sum = push_digit(sum, i < fraction.size() ? fraction[i] - '0' : 0);
    return negative ? sum : subtract(0, sum);
}

std::string format_minor(std::int64_t minor, currency in) {
    char digits[20];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), minor).ptr;
    std::string text(std::begin(digits), end);
    const auto decimals = static_cast<std::size_t>(in.exponent());
    if (decimals == 0) return text;

    const std::size_t sign = minor < 0 ? 1 : 0;
    if (text.size() - sign <= decimals) text.insert(sign, decimals + 1 - (text.size() - sign), '0');
    text.insert(text.size() - decimals, 1, '.');
    return text;
}

std::int64_t add(std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    if (__builtin_add_overflow(a, b, &result)) refuse("A sum of amounts does not fit into 64 bits.");
    return result;
}

std::int64_t subtract(std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    if (__builtin_sub_overflow(a, b, &result)) refuse("A difference of amounts does not fit into 64 bits.");
    return result;
}

}  // namespace attribution::money
