#include "core/pii/percent.hpp"

namespace attribution::pii {

namespace {

// Honest links are encoded once or twice; each level of nesting costs a pass over the text.
constexpr int max_levels = 8;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
    if (text.find_first_of(plus_is_space ? "%+" : "%") == std::string_view::npos) return std::string(text);
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high >= 0 && low >= 0) {
                result += static_cast<char>(high * 16 + low);
                i += 2;
                continue;
            }
        }
        result += plus_is_space && text[i] == '+' ? ' ' : text[i];
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
