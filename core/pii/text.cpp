#include "core/pii/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/pii/detect.hpp"

namespace attribution::pii {

namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

// Length of the well-formed UTF-8 character at `at` (no overlong forms, no surrogates), or 0.
std::size_t character_length(std::string_view text, std::size_t at) {
    const unsigned lead = byte_at(text, at);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte_at(text, at + i) & 0xC0U) != 0x80) return 0;
    const unsigned second = byte_at(text, at + 1);
    const bool out_of_range = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second >= 0xA0) ||
                              (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second >= 0x90);
    return out_of_range ? 0 : length;
}

std::uint32_t code_point(std::string_view character) {
    std::uint32_t value = byte_at(character, 0) & (0xFFU >> (character.size() + 1));
    for (std::size_t i = 1; i < character.size(); ++i)
        value = (value << 6U) | (byte_at(character, i) & 0x3FU);
    return value;
}

struct code_range {
    std::uint32_t first;
    std::uint32_t last;
};

// Characters without a width: joiners, marks of direction, fillers, selectors of variants, tags.
constexpr auto invisible = std::to_array<code_range>({
    {0x00AD, 0x00AD},
    {0x034F, 0x034F},
    {0x061C, 0x061C},
    {0x115F, 0x1160},
    {0x17B4, 0x17B5},
    {0x180B, 0x180F},
    {0x200B, 0x200F},
    {0x202A, 0x202E},
    {0x2060, 0x206F},
    {0x3164, 0x3164},
    {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},
    {0x1BCA0, 0x1BCA3},
    {0xE0000, 0xE007F},
    {0xE0100, 0xE01EF},
});

// Characters that are read as the ASCII characters which begin at `ascii`.
struct look_alike {
    code_range range;
    char ascii;
    bool in_order;  // each as the next ASCII character, or all as the same one
};
constexpr auto look_alikes = std::to_array<look_alike>({
    {{0xFF01, 0xFF5E}, '!', true},   // full-width forms
    {{0xFE6B, 0xFE6B}, '@', false},  // small forms, up to the hyphen
    {{0xFE6A, 0xFE6A}, '%', false},  //
    {{0xFE62, 0xFE62}, '+', false},  //
    {{0xFE59, 0xFE5A}, '(', true},   //
    {{0xFE55, 0xFE55}, ':', false},  //
    {{0xFE52, 0xFE52}, '.', false},  //
    {{0xFE63, 0xFE63}, '-', false},  //
    {{0xFF61, 0xFF61}, '.', false},  // full stops of other scripts, and a leader
    {{0x3002, 0x3002}, '.', false},  //
    {{0x2024, 0x2024}, '.', false},  //
    {{0x2010, 0x2015}, '-', false},  // hyphens and dashes, and a minus
    {{0x2212, 0x2212}, '-', false},  //
    {{0x00A0, 0x00A0}, ' ', false},  // blanks of other widths
    {{0x2000, 0x200A}, ' ', false},  //
    {{0x202F, 0x202F}, ' ', false},  //
    {{0x205F, 0x205F}, ' ', false},  //
    {{0x3000, 0x3000}, ' ', false},  //
});

// The zeros of all scripts that have decimal digits (Unicode's category Nd); one to nine follow each.
constexpr auto zeros = std::to_array<std::uint32_t>(
    {0x0660,  0x06F0,  0x07C0,  0x0966,  0x09E6,  0x0A66,  0x0AE6,  0x0B66,  0x0BE6,  0x0C66,
     0x0CE6,  0x0D66,  0x0DE6,  0x0E50,  0x0ED0,  0x0F20,  0x1040,  0x1090,  0x17E0,  0x1810,
     0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,
     0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136,
     0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50,
     0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0});
static_assert(std::is_sorted(zeros.begin(), zeros.end()));

// The digit as ASCII, or 0 when the character is none.
char digit_of(std::uint32_t c) {
    // Mathematical digits: bold, double-struck, sans-serif, bold sans-serif, monospace.
    if (c >= 0x1D7CE && c <= 0x1D7FF) return static_cast<char>('0' + (c - 0x1D7CE) % 10);
    const auto* after = std::upper_bound(zeros.begin(), zeros.end(), c);
    if (after == zeros.begin() || c - *(after - 1) > 9) return 0;
    return static_cast<char>('0' + (c - *(after - 1)));
}

bool is_in(const code_range& range, std::uint32_t c) {
    return c >= range.first && c <= range.last;
}

bool is_invisible(std::uint32_t c) {
    return std::any_of(invisible.begin(), invisible.end(),
                       [c](const auto& range) { return is_in(range, c); });
}

// The ASCII character that this one is read as, or 0.
char ascii_of(std::uint32_t c) {
    if (const char digit = digit_of(c)) return digit;
    const auto* found = std::find_if(look_alikes.begin(), look_alikes.end(),
                                     [c](const look_alike& one) { return is_in(one.range, c); });
    if (found == look_alikes.end()) return 0;
    return static_cast<char>(found->ascii + (found->in_order ? c - found->range.first : 0));
}

bool is_control(char c) {
    return (c >= 0 && c < 0x20) || c == 0x7F;
}

void cut(std::string& text, std::size_t limit) {
    if (text.size() <= limit) return;
    while (limit > 0 && (byte_at(text, limit) & 0xC0U) == 0x80) --limit;
    text.resize(limit);
}

void trim(std::string& text) {
    text.erase(text.find_last_not_of(' ') + 1);
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
}

}  // namespace

bool is_valid_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = character_length(text, i);
        if (length == 0) return false;
        i += length;
    }
    return true;
}

std::string fold_lookalikes(std::string_view text, bool keep_controls) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = std::max<std::size_t>(character_length(text, i), 1);
        const std::string_view character = text.substr(i, length);
        i += length;
        const std::uint32_t value = length == 1 ? 0 : code_point(character);
        if (length > 1 && is_invisible(value)) continue;
        if (const char plain = length == 1 ? '\0' : ascii_of(value))
            result += plain;
        else if (length == 1 && is_control(character[0]) && !keep_controls)
            result += ' ';
        else
            result += character;
    }
    return result;
}

std::string clean_text(std::string_view text) {
    if (!is_valid_utf8(text)) return {};
    std::string result(text);
    if (std::any_of(text.begin(), text.end(), is_control)) {
        // First, since an address that a line break parts looks like words when the break has become a blank.
        result = redact(text);
        std::replace_if(result.begin(), result.end(), is_control, ' ');
    }
    trim(result);
    // Before the cut, which could leave half a telephone number that no longer looks like one; after it,
    // since the cut could make a short number out of a long id.
    result = redact(result);
    cut(result, max_text_length);
    trim(result);
    return find(result) ? std::string(redaction_mark) : result;
}

}  // namespace attribution::pii
