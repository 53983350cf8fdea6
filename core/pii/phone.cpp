#include "core/pii/phone.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "core/pii/characters.hpp"

namespace attribution::pii::detail {

namespace {

constexpr std::size_t max_groups = 16;
constexpr std::size_t max_digits = 15;  // of an international number (E.164)

bool is_separator(char c) {
    return std::string_view(" -./()").find(c) != std::string_view::npos;
}

// Digits in groups, as people write numbers, with up to three separators between two groups: " (0) ".
struct digit_groups {
    std::array<std::size_t, max_groups> sizes{};
    std::array<char, max_groups> separators{};  // the last one before the group; 0 before the first
    std::size_t count = 0;
    std::size_t digits = 0;
    std::size_t end = 0;  // after the last digit
};

digit_groups read_groups(std::string_view text, std::size_t at, std::size_t digit_limit) {
    digit_groups groups;
    groups.end = at;
    char separator = 0;
    while (groups.count < max_groups) {
        std::size_t end = at;
        while (end < text.size() && is_digit(text[end])) ++end;
        if (end == at || groups.digits + (end - at) > digit_limit) break;
        groups.sizes[groups.count] = end - at;
        groups.separators[groups.count++] = separator;
        groups.digits += end - at;
        groups.end = at = end;
        for (int i = 0; i < 3 && at < text.size() && is_separator(text[at]); ++i) separator = text[at++];
        if (at == end) break;
    }
    return groups;
}

// An extension is no part of the number, nor does it make it one of a longer id.
bool is_followed(std::string_view text, std::size_t end) {
    const bool has_extension =
        text.substr(end, 3) == "ext" || (char_at(text, end) == 'x' && is_digit(char_at(text, end + 1)));
    return !has_extension && goes_on(text, end);
}

bool sizes_are(const digit_groups& groups, std::size_t first, std::array<std::size_t, 3> wanted) {
    return groups.count >= first + 3 &&
           std::equal(wanted.begin(), wanted.end(), groups.sizes.begin() + first);
}

// +49 30 1234567, +1 (555) 123-4567, +15551234567, +1.5551234567
std::size_t international(std::string_view text, std::size_t plus) {
    if (plus > 0 && (is_digit(text[plus - 1]) || text[plus - 1] == '+')) return plus;
    const bool is_exponent =
        plus > 1 && (text[plus - 1] == 'e' || text[plus - 1] == 'E') && is_digit(text[plus - 2]);
    if (is_exponent) return plus;
    std::size_t first = plus + 1;
    while (first < text.size() && first < plus + 3 && (text[first] == ' ' || text[first] == '(')) ++first;
    if (first >= text.size() || text[first] < '1' || text[first] > '9') return plus;
    const digit_groups groups = read_groups(text, first, max_digits);
    const bool is_decimal = groups.count == 2 && groups.separators[1] == '.' && groups.sizes[1] < 6;
    const std::size_t least = groups.count > 1 ? 7 : 8;
    if (groups.digits < least || is_decimal || is_followed(text, groups.end)) return plus;
    return groups.end;
}

// 0049 30 1234567, 030 1234567, 01 23 45 67 89, (0171) 1234567
std::size_t with_leading_zero(std::string_view text, std::size_t at) {
    const digit_groups groups = read_groups(text, at, max_digits + 2);
    if (groups.count < 2 || groups.sizes[0] < 2 || groups.sizes[0] > 6) return at;
    const bool has_country = text[at + 1] == '0';
    // Longer runs of zeros are the padding of an id.
    if (has_country && groups.sizes[0] > 2 && text[at + 2] == '0') return at;
    const auto smallest = *std::min_element(groups.sizes.begin(), groups.sizes.begin() + groups.count);
    const bool fits =
        has_country ? groups.digits >= 10 : groups.digits >= 9 && groups.digits <= 12 && smallest >= 2;
    const bool is_date = sizes_are(groups, 0, {2, 2, 4});
    // Between the area and the number only: 03-2869/2026 is the number of a document.
    const bool is_divided =
        std::find(groups.separators.begin() + 2, groups.separators.end(), '/') != groups.separators.end();
    return fits && !is_date && !is_divided && !is_followed(text, groups.end) ? groups.end : at;
}

// (555) 123-4567, 555-123-4567, 1-800-555-0199, 555 123 4567
std::size_t north_american(std::string_view text, std::size_t at, bool in_brackets) {
    const digit_groups groups = read_groups(text, at, max_digits);
    const std::size_t first = groups.sizes[0] == 1 && text[at] == '1' ? 1 : 0;
    if (!sizes_are(groups, first, {3, 3, 4})) return at;
    if (groups.count > first + 3 && groups.separators[first + 3] != ' ') return at;
    std::size_t end = at;
    for (std::size_t seen = 0; seen < first + 10; ++end)
        if (is_digit(text[end])) ++seen;
    const bool only_spaces = groups.separators[first + 1] == ' ' && groups.separators[first + 2] == ' ' &&
                             !in_brackets && text.substr(at, end - at).find('(') == std::string_view::npos;
    const bool in_a_list = only_spaces && ((at > 1 && text[at - 1] == ' ' && is_digit(text[at - 2])) ||
                                           groups.count > first + 3);
    return in_a_list || is_followed(text, end) ? at : end;
}

// (11) 96123-4567, and after a digit that is dialled before an area: 0 (212) 555 00 00, 8 (495) 123-45-67.
std::size_t with_area_in_brackets(std::string_view text, std::size_t bracket) {
    const std::size_t area = digits_end(text, bracket + 1) - (bracket + 1);
    if (area < 2 || area > 5 || char_at(text, bracket + 1 + area) != ')') return bracket;
    std::size_t first = bracket + area + 2;
    if (char_at(text, first) == ' ') ++first;
    const digit_groups groups = read_groups(text, first, max_digits);
    const bool is_date = sizes_are(groups, 0, {4, 2, 2}) || sizes_are(groups, 0, {2, 2, 4});
    const bool fits = groups.count > 1 && groups.count <= 4 && groups.digits >= 7 &&
                      groups.digits + area >= 10 && groups.digits + area <= 12;
    return fits && !is_date && !is_followed(text, groups.end) ? groups.end : bracket;
}

// 612 34 56 78: nine digits of which the first is no trunk zero.
std::size_t in_pairs(std::string_view text, std::size_t at) {
    const digit_groups groups = read_groups(text, at, 9);
    const bool fits = groups.count == 4 && groups.sizes[0] == 3 && groups.digits == 9 && text[at] >= '6' &&
                      sizes_are(groups, 1, {2, 2, 2}) && groups.separators[1] == groups.separators[2] &&
                      groups.separators[2] == groups.separators[3] && groups.separators[1] != '/';
    const bool in_a_list = (at > 1 && text[at - 1] == ' ' && is_digit(text[at - 2])) ||
                           (char_at(text, groups.end) == ' ' && is_digit(char_at(text, groups.end + 1)));
    return fits && !in_a_list && !is_followed(text, groups.end) ? groups.end : at;
}

// Digits after a word which says what they are: Tel. 912 345 678, Phone: 6123 4567.
std::size_t after_its_word(std::string_view text, std::size_t at) {
    static constexpr auto words =
        std::to_array<std::string_view>({"fax", "fon", "handy", "mobil", "mobile", "movil", "phone", "tel",
                                         "telefon", "telefone", "telefono", "telephone", "whatsapp"});
    const auto parts = [](char c) { return c == ' ' || c == '.' || c == ':' || c == '('; };
    if (at == 0 || !parts(text[at - 1])) return at;
    std::size_t end = at - 1;
    while (end > 0 && at - end < 3 && parts(text[end - 1])) --end;
    std::size_t begin = end;
    while (begin > 0 && is_letter(text[begin - 1]) && end - begin < 10) --begin;
    if (begin == end || (begin > 0 && (is_word(text[begin - 1]) || is_beyond_ascii(text[begin - 1]))))
        return at;
    std::string word(text.substr(begin, end - begin));
    for (char& c : word)
        if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
    if (!std::binary_search(words.begin(), words.end(), std::string_view{word})) return at;
    const digit_groups groups = read_groups(text, at, max_digits);
    return groups.digits >= 7 && !is_followed(text, groups.end) ? groups.end : at;
}

// Digits whose scheme says that they are to be dialled: tel:15551234567.
std::size_t dialled(std::string_view text, std::size_t at) {
    static constexpr std::array<std::string_view, 4> schemes{"tel:", "sms:", "callto:", "wa.me/"};
    if (at < 4 || (text[at - 1] != ':' && text[at - 1] != '/')) return at;
    const std::string_view before = text.substr(0, at);
    if (std::none_of(schemes.begin(), schemes.end(),
                     [before](std::string_view s) { return before.ends_with(s); }))
        return at;
    const digit_groups groups = read_groups(text, at, max_digits + 2);
    return groups.digits >= 7 ? groups.end : at;
}

}  // namespace

std::size_t phone_end(std::string_view text, std::size_t at) {
    // Most digits of texts are too few, and every form has at least so many.
    constexpr std::size_t fewest = 7;
    if (text.size() - at < fewest) return at;
    if (text[at] == '+') return international(text, at);
    const bool in_brackets = text[at] == '(';
    const std::size_t first = in_brackets ? at + 1 : at;
    if (first >= text.size() || !is_digit(text[first])) return at;
    if (const std::size_t end = dialled(text, at); end > at) return end;
    if (const std::size_t end = after_its_word(text, at); end > at) return end;
    if (comes_from(text, at)) return at;
    if (in_brackets)
        if (const std::size_t end = with_area_in_brackets(text, at); end > at) return end;
    // Most digits are of other lengths than the first group of a number.
    const std::size_t size = digits_end(text, first) - first;
    if (size == 1 && char_at(text, first + 1) == ' ' && char_at(text, first + 2) == '(')
        if (const std::size_t end = with_area_in_brackets(text, first + 2); end > first + 2) return end;
    const bool may_be_national =
        size == 3 || (size == 1 && text[first] == '1') || (text[first] == '0' && size <= 6);
    if (!may_be_national) return at;
    const std::size_t end = text[first] == '0' ? with_leading_zero(text, first) : first;
    if (end > first) return end;
    if (const std::size_t spanish = in_pairs(text, first); spanish > first) return spanish;
    const std::size_t american = north_american(text, first, in_brackets);
    return american > first ? american : at;
}

}  // namespace attribution::pii::detail
