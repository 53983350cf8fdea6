#include "core/pii/numbers.hpp"

#include <algorithm>

#include "core/pii/bank.hpp"
#include "core/pii/ip.hpp"
#include "core/pii/phone.hpp"
#include "core/pii/ssn.hpp"

namespace attribution::pii::detail {

namespace {

// Without "::" an IPv6 address has seven colons; times have two or three.
bool may_hold_ipv6(std::string_view text) {
    return text.find("::") != std::string_view::npos || std::count(text.begin(), text.end(), ':') >= 7;
}

// What the digits from `at` to `run_end` begin. No digit stands before them.
std::optional<number_found> judge_digits(std::string_view text, std::size_t at, std::size_t run_end,
                                         std::size_t from, meaning as) {
    // Right after a letter only an IBAN can be, whose country stands before its first digits.
    if (at > 0 && is_letter(text[at - 1])) {
        if (as == meaning::id || at < from + 2) return std::nullopt;
        const std::size_t end = iban_end(text, at - 2);
        return end > at ? std::optional(number_found{kind::iban, {at - 2, end}}) : std::nullopt;
    }
    if (const std::size_t end = ipv4_end(text, at, run_end); end > at)
        return number_found{kind::ip, {at, end}};
    if (as == meaning::free_text) {
        if (const std::size_t end = ssn_end(text, at, run_end); end > at)
            return number_found{kind::ssn, {at, end}};
        if (const std::size_t end = card_end(text, at, run_end); end > at)
            return number_found{kind::card, {at, end}};
    }
    if (const std::size_t end = phone_end(text, at); end > at) return number_found{kind::phone, {at, end}};
    return std::nullopt;
}

}  // namespace

std::optional<number_found> find_number(std::string_view text, std::size_t from, meaning as) {
    std::optional<bool> ipv6_possible;
    for (std::size_t at = from; at < text.size();) {
        const char c = text[at];
        if (is_digit(c)) {
            const std::size_t run_end = digits_end(text, at);
            if (const auto found = judge_digits(text, at, run_end, from, as)) return found;
            at = run_end;
            continue;
        }
        if (c == '+' || c == '(') {
            if (const std::size_t end = phone_end(text, at); end > at)
                return number_found{kind::phone, {at, end}};
        } else if (c == ':') {
            if (!ipv6_possible) ipv6_possible = may_hold_ipv6(text);
            if (*ipv6_possible)
                if (const auto where = ipv6_around(text, at); where && where->begin >= from)
                    return number_found{kind::ip, *where};
        }
        ++at;
    }
    return std::nullopt;
}

}  // namespace attribution::pii::detail
