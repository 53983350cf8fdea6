#include "core/providers/members.hpp"

#include <string>

#include "core/errors.hpp"
#include "core/providers/body.hpp"

namespace attribution::providers {

namespace {

constexpr std::size_t longest_id = 20;  // of a 64-bit number

}  // namespace

void refuse_member(const shaped& from, std::string_view member) {
    refuse("The body is not " + std::string(from.what) + ": " + std::string(member) +
           " is missing or not of its kind.");
}

std::string_view id_of(const shaped& from, std::string_view member) {
    const json::value id = from.object[member];
    const std::string_view text = id.text();
    const bool sound = id.is_number() && text.size() <= longest_id && text[0] != '0' &&
                       text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!sound) refuse_member(from, member);
    return text;
}

std::string_view text_of(const shaped& from, std::string_view member) {
    const json::value text = from.object[member];
    if (!text.is_string()) refuse_member(from, member);
    return text.text();
}

money::currency currency_of(const shaped& from) {
    return money::currency::from_code(text_of(from, "currency"));
}

std::int64_t amount_of(const shaped& from, std::string_view member, money::currency currency) {
    const json::value amount = from.object[member];
    if (!amount.is_string() && !amount.is_number()) refuse_member(from, member);
    return money::parse_minor(amount.text(), currency);
}

std::optional<std::int64_t> optional_amount(const shaped& from, std::string_view member,
                                            money::currency currency) {
    if (from.object[member].is_null()) return std::nullopt;
    return amount_of(from, member, currency);
}

std::int64_t unsigned_amount_of(const shaped& from, std::string_view member, money::currency currency) {
    const std::int64_t amount = amount_of(from, member, currency);
    if (amount < 0) throw error(invalid_amount, "invalid amount", std::string(member) + " is negative.");
    return amount;
}

}  // namespace attribution::providers
