#include "core/pii/ip.hpp"

#include <algorithm>

namespace attribution::pii::detail {

namespace {

constexpr std::size_t longest_ipv6 = 45;

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The end of the number from 0 to 255 at `at`, or `at`.
std::size_t octet_end(std::string_view text, std::size_t at) {
    const std::size_t end = digits_end(text, at);
    const std::string_view digits = text.substr(at, end - at);
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return at;
    return digits.size() == 3 && digits > "255" ? at : end;
}

// The end of four octets at `at`, or `at`.
std::size_t octets_end(std::string_view text, std::size_t at) {
    std::size_t end = at;
    for (int octet = 0; octet < 4; ++octet) {
        if (octet > 0 && char_at(text, end++) != '.') return at;
        const std::size_t next = octet_end(text, end);
        if (next == end) return at;
        end = next;
    }
    return end;
}

// Whether the whole text is an IPv6 address.
bool is_ipv6(std::string_view text) {
    int groups = 0;
    bool abbreviated = false;
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == ':') {
            const bool is_double = char_at(text, at + 1) == ':';
            if (is_double ? abbreviated : at == 0) return false;
            abbreviated |= is_double;
            at += is_double ? 2 : 1;
            if (at == text.size()) break;
        }
        if (at + 1 < text.size() && octets_end(text, at) == text.size()) {
            groups += 2;
            break;
        }
        std::size_t end = at;
        while (end < text.size() && is_hex(text[end])) ++end;
        if (end == at || end > at + 4) return false;
        ++groups;
        at = end;
        if (at < text.size() && text[at] != ':') return false;
    }
    if (text.back() == ':' && !text.ends_with("::")) return false;
    if (!abbreviated) return groups == 8;
    const bool has_digit = std::any_of(text.begin(), text.end(), is_digit);
    return groups <= 7 && (groups >= 3 || (groups == 2 && has_digit));
}

}  // namespace

std::size_t ipv4_end(std::string_view text, std::size_t at, std::size_t run_end) {
    if (run_end > at + 3 || char_at(text, run_end) != '.') return at;
    if (at > 0 && is_word(text[at - 1])) return at;
    if (at > 1 && text[at - 1] == '.' && is_digit(text[at - 2])) return at;
    const std::size_t end = octets_end(text, at);
    // The address of a network, and what browsers say of their version: Chrome/119.0.0.0.
    if (text.substr(run_end, end - run_end) == ".0.0.0") return at;
    const bool goes_on =
        is_word(char_at(text, end)) || (char_at(text, end) == '.' && is_digit(char_at(text, end + 1)));
    return goes_on ? at : end;
}

std::optional<span> ipv6_around(std::string_view text, std::size_t colon) {
    const auto is_part = [](char c) { return is_hex(c) || c == ':' || c == '.'; };
    std::size_t begin = colon;
    std::size_t end = colon;
    while (begin > 0 && colon - begin <= longest_ipv6 && is_part(text[begin - 1])) --begin;
    while (end < text.size() && end - begin <= longest_ipv6 + 1 && is_part(text[end])) ++end;
    // A label stands before it (IPv6:2001:db8::1), or a mark of the sentence after it.
    if (begin > 0 && is_word(text[begin - 1])) {
        begin = text.find(':', begin) + 1;
        if (char_at(text, begin) == ':') return std::nullopt;
    }
    if (is_word(char_at(text, end))) return std::nullopt;
    if (char_at(text, begin) == ':' && char_at(text, begin + 1) != ':') ++begin;
    while (end > begin && text[end - 1] == '.') --end;
    if (end > begin + 1 && text[end - 1] == ':' && text[end - 2] != ':') --end;
    if (begin >= end || end - begin > longest_ipv6 || !is_ipv6(text.substr(begin, end - begin)))
        return std::nullopt;
    return span{begin, end};
}

}  // namespace attribution::pii::detail
