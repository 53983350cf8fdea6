#include "core/pii/text.hpp"

#include <algorithm>
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

bool is_invisible(std::uint32_t c) {
    return c == 0x00AD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF;
}

// The ASCII character that this one is read as, or 0.
char ascii_of(std::uint32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) return static_cast<char>(c - 0xFF01 + '!');
    if (c == 0xFE6B) return '@';
    if (c == 0xFF61 || c == 0x3002 || c == 0x2024) return '.';
    if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212) return '-';
    if (c == 0x00A0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000) return ' ';
    return 0;
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

std::string fold_lookalikes(std::string_view text) {
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
        else
            result += character;
    }
    return result;
}

std::string clean_text(std::string_view text) {
    if (!is_valid_utf8(text)) return {};
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
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
