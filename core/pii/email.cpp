#include "core/pii/email.hpp"

#include <algorithm>
#include <array>

namespace attribution::pii::detail {

namespace {

constexpr std::size_t longest_address_literal = 60;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// '=' '/' '?' '&' '#' are allowed by RFC 5322 too, but in practice they end a part of a URL.
bool is_local(char c) {
    return is_letter(c) || is_digit(c) || is_beyond_ascii(c) ||
           std::string_view("._%+-'~!$*^\"").find(c) != std::string_view::npos;
}
bool is_domain(char c) {
    return is_letter(c) || is_digit(c) || is_beyond_ascii(c) || c == '-' || c == '.';
}

// The end of the domain at `begin`: it needs a dot, and letters after the last one; or it is an address in
// brackets.
std::size_t domain_end(std::string_view text, std::size_t begin) {
    if (begin < text.size() && text[begin] == '[') {
        const std::size_t close = text.substr(begin, longest_address_literal).find(']');
        return close != std::string_view::npos && close > 3 ? begin + close + 1 : begin;
    }
    std::size_t end = begin;
    while (end < text.size() && is_domain(text[end])) ++end;
    while (end > begin && (text[end - 1] == '.' || text[end - 1] == '-')) --end;

    const std::string_view domain = text.substr(begin, end - begin);
    const std::size_t dot = domain.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return begin;
    const std::string_view last = domain.substr(dot + 1);
    const auto letters =
        std::count_if(last.begin(), last.end(), [](char c) { return is_letter(c) || is_beyond_ascii(c); });
    return letters >= 2 ? end : begin;
}

// Pictures for dense screens: logo@2x.png.
bool is_picture_name(std::string_view domain) {
    static constexpr std::array<std::string_view, 6> types{"png", "jpg", "jpeg", "gif", "webp", "svg"};
    const bool scale = domain.size() > 3 && is_digit(domain[0]) && domain[1] == 'x' && domain[2] == '.';
    return scale && std::find(types.begin(), types.end(), domain.substr(3)) != types.end();
}

}  // namespace

std::optional<span> find_email(std::string_view text, std::size_t from) {
    for (std::size_t at = from; at < text.size(); ++at) {
        const std::size_t width = text[at] == '@' ? 1 : text.substr(at, 3) == "%40" ? 3 : 0;
        if (width == 0) continue;
        // Blanks next to the sign are a disguise, or a line break that was cleaned away.
        std::size_t domain = at + width;
        while (domain < text.size() && domain < at + width + 2 && is_blank(text[domain])) ++domain;
        const std::size_t end = domain_end(text, domain);
        if (end == domain || is_picture_name(text.substr(domain, end - domain))) continue;
        // A blank before the sign only is what stands before somebody's handle: follow @jon.smith.
        const bool spaced = domain > at + width;
        std::size_t begin = at;
        while (begin > from && at - begin < 2 &&
               ((is_blank(text[begin - 1]) && (spaced || text[begin - 1] != ' ')) || text[begin - 1] == '='))
            --begin;
        const std::size_t local = begin;
        while (begin > from && is_local(text[begin - 1])) --begin;
        if (begin < local) return span{begin, end};
    }
    return std::nullopt;
}

}  // namespace attribution::pii::detail
