#include "core/channels/glob.hpp"

#include <algorithm>
#include <cstddef>

namespace attribution::channels {

namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Bytes of the UTF-8 character at `at`; a stray byte counts as a character of its own.
std::size_t character_length(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    if (static_cast<unsigned char>(text[at]) >= 0xC0)
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) ++end;
    return end - at;
}

std::string_view character(std::string_view text, std::size_t at) {
    return text.substr(at, character_length(text, at));
}

// Where the set that opens at `at` closes, or npos. A ']' directly after the opening (or its '!') is an
// ordinary character.
std::size_t set_end(std::string_view pattern, std::size_t at) {
    std::size_t first = at + 1;
    if (first < pattern.size() && (pattern[first] == '!' || pattern[first] == '^')) ++first;
    return pattern.find(']', first + 1);
}

// Whether one character is in the set pattern[at..end]. UTF-8 order is code point order, so ranges compare as
// texts.
bool in_set(std::string_view pattern, std::size_t at, std::size_t end, std::string_view wanted) {
    std::size_t i = at + 1;
    const bool negated = pattern[i] == '!' || pattern[i] == '^';
    if (negated) ++i;
    bool found = false;
    while (i < end) {
        const std::string_view from = character(pattern, i);
        std::string_view to = from;
        i += from.size();
        if (i + 1 < end && pattern[i] == '-') {
            to = character(pattern, i + 1);
            i += 1 + to.size();
        }
        found = found || (from <= wanted && wanted <= to);
    }
    return found != negated;
}

struct step {
    bool matched;
    std::size_t pattern;  // how far the pattern and the text advance
    std::size_t text;
};

// Matches one element of the pattern that is not '*' against one character.
step match_one(std::string_view pattern, std::size_t p, std::string_view text, std::size_t t) {
    if (pattern[p] == '?') return {true, 1, character_length(text, t)};
    if (pattern[p] == '[') {
        const std::size_t end = set_end(pattern, p);
        if (end != std::string_view::npos) {
            const std::string_view wanted = character(text, t);
            return {in_set(pattern, p, end, wanted), end + 1 - p, wanted.size()};
        }
    }
    return {pattern[p] == text[t], 1, 1};
}

}  // namespace

std::string to_lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

glob::glob(std::string_view pattern)
    : pattern_(to_lower(pattern)), literal_(pattern_.find_first_of("*?[") == std::string::npos) {}

bool glob::matches_lowered(std::string_view text) const noexcept {
    if (literal_) return text == pattern_;
    const std::string_view pattern = pattern_;
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;  // the last '*' seen, and the text position it is tried from
    std::size_t retry = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            retry = t;
            continue;
        }
        if (p < pattern.size()) {
            const step one = match_one(pattern, p, text, t);
            if (one.matched) {
                p += one.pattern;
                t += one.text;
                continue;
            }
        }
        if (star == std::string_view::npos) return false;
        p = star + 1;
        retry += character_length(text, retry);
        t = retry;
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace attribution::channels
