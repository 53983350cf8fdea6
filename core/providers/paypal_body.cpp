#include "core/providers/paypal_body.hpp"

#include "core/channels/glob.hpp"
#include "core/errors.hpp"
#include "core/providers/body.hpp"
#include "core/providers/timestamp.hpp"

namespace attribution::providers::paypal {

namespace {

constexpr std::size_t longest_id = 100;
constexpr std::size_t longest_word = 60;
constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
constexpr std::string_view small_letters = "abcdefghijklmnopqrstuvwxyz_";

bool consists_of(std::string_view text, std::string_view letters) {
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

// ISO 4217 gives them two decimals, PayPal none.
bool is_whole(money::currency currency) {
    return currency.code() == "HUF" || currency.code() == "TWD";
}

}  // namespace

bool is_id(std::string_view text) {
    return consists_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") && text[0] != '-' &&
           text.size() <= longest_id;
}

std::string_view id_of(json::value object, std::string_view member) {
    const std::string_view id = text_of(object, member);
    if (!is_id(id)) refuse_member(member);
    return id;
}

std::string_view time_of(json::value object, std::string_view member) {
    const std::string_view time = text_of(object, member);
    if (!is_timestamp(time)) refuse_member(member);
    return time;
}

std::string_view time_of(json::value object, std::string_view member, std::string_view otherwise) {
    return object[member].is_null() ? otherwise : time_of(object, member);
}

std::string word_of(json::value text) {
    const std::string_view word = text.is_string() ? text.text() : std::string_view{};
    if (word.size() > longest_word || !(consists_of(word, capitals) || consists_of(word, small_letters)))
        return {};
    return channels::to_lower(word);
}

std::string status_of(json::value resource) {
    return word_of(resource[resource["status"].exists() ? "status" : "state"]);
}

std::int64_t minor_of(json::value text, std::string_view member, money::currency currency) {
    if (!text.is_string()) refuse_member(member);
    const std::int64_t minor = money::parse_minor(text.text(), currency);
    if (is_whole(currency) && minor % 100 != 0)
        throw error(invalid_amount, "invalid amount",
                    "An amount has decimals, and PayPal's " + std::string(currency.code()) + " has none.");
    return minor;
}

amount amount_of(json::value object, std::string_view member) {
    const json::value given = object[member];
    const bool is_first_version = given["total"].exists();
    const money::currency currency =
        money::currency::from_code(text_of(given, is_first_version ? "currency" : "currency_code"));
    return {minor_of(given[is_first_version ? "total" : "value"], member, currency), currency};
}

}  // namespace attribution::providers::paypal
