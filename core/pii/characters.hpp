// Kinds of characters, and where a number is only a part of something longer. Part of detect; not for use
// elsewhere.
#pragma once

#include <cstddef>
#include <string_view>

namespace attribution::pii::detail {

// A place in a text: from `begin` up to, but without, `end`.
struct span {
    std::size_t begin;
    std::size_t end;
};

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_letter(char c) {
    return is_upper(c) || is_lower(c);
}
constexpr bool is_word(char c) {
    return is_digit(c) || is_letter(c);
}
constexpr bool is_beyond_ascii(char c) {
    return static_cast<signed char>(c) < 0;
}

// The character at a place, or 0 beyond the end: no text holds one where it matters.
constexpr char char_at(std::string_view text, std::size_t at) {
    return at < text.size() ? text[at] : '\0';
}

// The end of the digits that begin at `at`.
constexpr std::size_t digits_end(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
}

// Whether `mark` makes one id of a number and the character on its other side: SKU-555-123-4567, but not
// /555-123-4567/cart or "Call 555-123-4567.Thanks".
constexpr bool joins(char mark, char other) {
    return mark == '-' ? is_word(other) : (mark == '.' || mark == '/' || mark == ':') && is_digit(other);
}

// Whether what stands before makes the number a part of a longer id.
constexpr bool comes_from(std::string_view text, std::size_t begin) {
    if (begin == 0) return false;
    return is_word(text[begin - 1]) || (begin > 1 && joins(text[begin - 1], text[begin - 2]));
}

// Whether the text goes on right after the number as one word with it.
constexpr bool goes_on(std::string_view text, std::size_t end) {
    return is_word(char_at(text, end)) || joins(char_at(text, end), char_at(text, end + 1));
}

}  // namespace attribution::pii::detail
