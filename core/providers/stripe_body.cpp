#include "core/providers/stripe_body.hpp"

#include <charconv>

#include "core/errors.hpp"
#include "core/providers/body.hpp"

namespace attribution::providers::stripe {

namespace {

constexpr std::size_t longest_id = 170;  // leaves room for the prefix of a money key
constexpr std::size_t longest_word = 40;
constexpr std::size_t longest_amount = 16;          // digits, as in the event contract
constexpr std::int64_t last_second = 253402300799;  // 9999-12-31T23:59:59Z

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_id(std::string_view text) {
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    return !text.empty() && text.size() <= longest_id && text[0] != '_' &&
           text.find_first_not_of(allowed) == std::string_view::npos;
}

// The decimals of Stripe's minor unit: those of ISO 4217, with these exceptions. ISK and UGX have no decimals
// any more, but Stripe goes on with two, both zero.
std::size_t decimals_of(money::currency currency) {
    if (currency.code() == "MGA") return 0;
    if (currency.code() == "ISK" || currency.code() == "UGX") return 2;
    return static_cast<std::size_t>(currency.exponent());
}

}  // namespace

std::string_view id_of(json::value object, std::string_view member) {
    const json::value id = object[member];
    if (!id.is_string() || !is_id(id.text())) refuse_member(member);
    return id.text();
}

std::string_view reference(json::value object, std::string_view member) {
    const json::value other = object[member];
    if (other.is_null()) return {};
    return other.is_object() ? id_of(other) : id_of(object, member);
}

std::string_view word_of(json::value text) {
    const std::string_view word = text.text();
    const bool sound = text.is_string() && word.size() <= longest_word &&
                       word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
    return sound ? word : std::string_view{};
}

std::int64_t seconds_of(json::value object, std::string_view member) {
    const json::value time = object[member];
    const std::string_view digits = time.text();
    std::int64_t seconds = 0;
    if (!time.is_number() || !is_digits(digits) ||
        std::from_chars(digits.begin(), digits.end(), seconds).ec != std::errc{} || seconds > last_second)
        refuse_member(member);
    return seconds;
}

money::currency currency_of(json::value object) {
    std::string code(text_of(object, "currency"));
    for (char& c : code)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return money::currency::from_code(code);
}

std::int64_t amount_of(json::value object, std::string_view member, money::currency currency) {
    const json::value amount = object[member];
    if (!amount.is_number()) refuse_member(member);
    std::string digits(amount.text());
    if (!is_digits(digits) || digits.size() > longest_amount)
        throw error(invalid_amount, "invalid amount",
                    "Member \"" + std::string(member) + "\" is not a whole number of minor units.");
    if (const std::size_t decimals = decimals_of(currency); decimals > 0) {
        if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
        digits.insert(digits.size() - decimals, 1, '.');
    }
    return money::parse_minor(digits, currency);
}

}  // namespace attribution::providers::stripe
