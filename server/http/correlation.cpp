#include "server/http/correlation.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace attribution::http {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_lower_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::uint64_t random_bits() {
    static thread_local std::mt19937_64 generator = [] {
        std::random_device source;
        std::seed_seq seed{source(), source(), source(), source(), source(), source(), source(), source()};
        return std::mt19937_64(seed);
    }();
    return generator();
}

}  // namespace

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

std::string make_correlation_id() {
    std::uint64_t bits[2] = {random_bits(), random_bits()};
    std::string id(36, '-');
    std::size_t at = 0;
    for (int i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) ++at;
        std::uint64_t& source = bits[i / 16];
        std::uint64_t nibble = source & 15;
        source >>= 4;
        if (i == 12) nibble = 4;
        if (i == 16) nibble = 8 | (nibble & 3);
        id[at++] = hex_digits[nibble];
    }
    return id;
}

std::string correlation_id_from(std::string_view header_value) {
    return is_uuid(header_value) ? lower(header_value) : make_correlation_id();
}

bool is_traceparent(std::string_view text) {
    return text.size() == 55 && text.starts_with("00-") && text[35] == '-' && text[52] == '-' &&
           is_lower_hex(text.substr(3, 32)) && is_lower_hex(text.substr(36, 16)) &&
           is_lower_hex(text.substr(53)) &&
           text.substr(3, 32).find_first_not_of('0') != std::string_view::npos &&
           text.substr(36, 16).find_first_not_of('0') != std::string_view::npos;
}

}  // namespace attribution::http
