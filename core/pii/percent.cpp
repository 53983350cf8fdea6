#include "core/pii/percent.hpp"

namespace attribution::pii {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The value of `count` hex digits at `at`, or -1.
int hex_number(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return -1;
    int number = 0;
    for (const char c : text.substr(at, count)) {
        const int digit = hex_value(c);
        if (digit < 0) return -1;
        number = number * 16 + digit;
    }
    return number;
}

void append_utf8(std::string& text, unsigned code) {
    if (code < 0x80) {
        text += static_cast<char>(code);
        return;
    }
    text += static_cast<char>(code < 0x800 ? 0xC0U | (code >> 6U) : 0xE0U | (code >> 12U));
    if (code >= 0x800) text += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    text += static_cast<char>(0x80U | (code & 0x3FU));
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
    if (text.find_first_of(plus_is_space ? "%+" : "%") == std::string_view::npos) return std::string(text);
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c != '%') {
            result += plus_is_space && c == '+' ? ' ' : c;
        } else if (const int byte = hex_number(text, i + 1, 2); byte >= 0) {
            result += static_cast<char>(byte);
            i += 2;
        } else if (const int code = hex_number(text, i + 2, 4);
                   code >= 0 && (text[i + 1] == 'u' || text[i + 1] == 'U')) {
            append_utf8(result, static_cast<unsigned>(code));
            i += 5;
        } else {
            result += c;
        }
    }
    return result;
}

std::string percent_decode_fully(std::string_view text, bool plus_is_space) {
    std::string current = percent_decode(text, plus_is_space);
    for (int level = 1; level < max_levels; ++level) {
        if (current.find('%') == std::string::npos) return current;
        std::string next = percent_decode(current);
        if (next.size() == current.size()) return current;
        current = std::move(next);
    }
    return {};
}

}  // namespace attribution::pii
