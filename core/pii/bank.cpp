#include "core/pii/bank.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/pii/characters.hpp"

namespace attribution::pii::detail {

namespace {

constexpr std::size_t shortest_card = 13;
constexpr std::size_t longest_card = 19;
constexpr std::size_t most_groups = 5;

// First six digits and lengths, as the networks publish them. Airlines' own cards (1…, 15 digits) are left
// out: most ids of advertising networks look like them.
struct issuer_range {
    std::uint32_t first;
    std::uint32_t last;
    std::size_t shortest;
    std::size_t longest;
};
constexpr auto issuer_ranges = std::to_array<issuer_range>({
    {220000, 220499, 16, 19},  // Mir
    {222100, 272099, 16, 16},  // Mastercard
    {300000, 305999, 14, 19},  // Diners Club
    {309500, 309599, 14, 19},  // Diners Club
    {340000, 349999, 15, 15},  // American Express
    {352800, 358999, 16, 19},  // JCB
    {360000, 369999, 14, 19},  // Diners Club
    {370000, 379999, 15, 15},  // American Express
    {380000, 399999, 14, 19},  // Diners Club
    {400000, 499999, 13, 13},  // Visa
    {400000, 499999, 16, 16},  // Visa
    {400000, 499999, 19, 19},  // Visa
    {500000, 509999, 13, 19},  // Maestro, Elo, RuPay, Verve
    {510000, 559999, 16, 16},  // Mastercard
    {560000, 589999, 13, 19},  // Maestro
    {600000, 609999, 16, 19},  // Discover, RuPay, Hipercard
    {620000, 629999, 16, 19},  // UnionPay
    {630400, 630499, 13, 19},  // Maestro
    {636000, 639999, 16, 19},  // InterPayment, InstaPayment
    {644000, 659999, 16, 19},  // Discover
    {670000, 679999, 13, 19},  // Maestro, Bancontact, Laser
    {810000, 819999, 16, 19},  // UnionPay
    {820000, 829999, 16, 16},  // RuPay
    {860000, 860099, 16, 16},  // Uzcard
    {979200, 979299, 16, 16},  // Troy
    {986000, 986099, 16, 16},  // Humo
});

bool is_of_an_issuer(std::string_view digits) {
    std::uint32_t prefix = 0;
    for (const char c : digits.substr(0, 6)) prefix = prefix * 10 + static_cast<std::uint32_t>(c - '0');
    return std::any_of(issuer_ranges.begin(), issuer_ranges.end(), [&](const issuer_range& range) {
        return prefix >= range.first && prefix <= range.last && digits.size() >= range.shortest &&
               digits.size() <= range.longest;
    });
}

// The check of ISO/IEC 7812: from the right, every second digit counts twice.
bool passes_luhn(std::string_view digits) {
    int sum = 0;
    bool twice = false;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
        const int value = (*digit - '0') * (twice ? 2 : 1);
        sum += value > 9 ? value - 9 : value;
    }
    return sum % 10 == 0;
}

// The number of an article (EAN-13), whose digits count once and three times in turn. One in ten passes the
// check of a card too, but cards of 13 digits are no longer issued.
bool is_article_number(std::string_view digits) {
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
    return digits.size() == 13 && sum % 10 == 0;
}

// The digits of a number and where each of its groups ends.
struct card_digits {
    std::array<char, longest_card> digits{};
    std::array<std::size_t, most_groups> sizes{};
    std::array<std::size_t, most_groups> ends{};  // in the text
    std::size_t groups = 0;
};

card_digits read_card(std::string_view text, std::size_t at) {
    card_digits card;
    for (std::size_t count = 0; card.groups < most_groups;) {
        const std::size_t end = digits_end(text, at);
        if (end == at || count + (end - at) > longest_card) break;
        std::copy(text.begin() + at, text.begin() + end, card.digits.begin() + count);
        count += end - at;
        card.sizes[card.groups] = end - at;
        card.ends[card.groups++] = end;
        const char mark = char_at(text, end);
        if (mark != ' ' && mark != '-' && mark != '.') break;
        at = end + 1;
    }
    return card;
}

// As cards show their digits: 4-4-4-4, also with a rest, 4-6-5, 4-6-4, 8-8, or without groups.
bool is_grouped_as_a_card(const card_digits& card, std::size_t groups) {
    const auto& sizes = card.sizes;
    if (groups == 1) return true;
    if (groups == 2) return sizes[0] == 8 && sizes[1] == 8;
    if (groups == 3) return sizes[0] == 4 && sizes[1] == 6 && (sizes[2] == 5 || sizes[2] == 4);
    return std::all_of(sizes.begin(), sizes.begin() + groups - 1, [](auto size) { return size == 4; }) &&
           sizes[groups - 1] <= 4;
}

bool ends_there(std::string_view text, std::size_t end) {
    const char mark = char_at(text, end);
    return !is_word(mark) && !(mark == '.' && is_digit(char_at(text, end + 1)));
}

struct iban_country {
    std::string_view code;
    std::size_t length;
};
// As the registry of ISO 13616 has them.
constexpr auto iban_countries = std::to_array<iban_country>({
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20},
    {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
    {"YE", 30},
});
constexpr std::size_t longest_iban = 33;

char upper(char c) {
    return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

// The length of an IBAN of the country, or 0.
std::size_t iban_length(char first, char second) {
    const std::array<char, 2> code{upper(first), upper(second)};
    const auto* found =
        std::find_if(iban_countries.begin(), iban_countries.end(), [&](const iban_country& country) {
            return country.code == std::string_view(code.data(), code.size());
        });
    return found == iban_countries.end() ? 0 : found->length;
}

// ISO 7064, mod 97-10: country and check digits go last, letters are numbers from 10.
bool passes_mod_97(std::string_view iban) {
    unsigned rest = 0;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        const char c = upper(iban[(i + 4) % iban.size()]);
        rest = is_digit(c) ? rest * 10 + static_cast<unsigned>(c - '0')
                           : rest * 100 + static_cast<unsigned>(c - 'A' + 10);
        rest %= 97;
    }
    return rest == 1;
}

}  // namespace

std::size_t card_end(std::string_view text, std::size_t at, std::size_t run_end) {
    // Most numbers are neither long enough nor grouped.
    const bool may_be_grouped = run_end == at + 4 || run_end == at + 8;
    if (run_end < at + shortest_card && !may_be_grouped) return at;
    const char before = at > 0 ? text[at - 1] : '\0';
    if (is_word(before)) return at;
    if ((before == '-' || before == '.') && at > 1 && is_digit(text[at - 2])) return at;

    const card_digits card = read_card(text, at);
    // The longest first; what is left over may be the card's verification code or year.
    for (std::size_t groups = card.groups; groups > 0; --groups) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < groups; ++i) count += card.sizes[i];
        const std::string_view digits(card.digits.data(), count);
        const std::size_t end = card.ends[groups - 1];
        if (count >= shortest_card && is_grouped_as_a_card(card, groups) && ends_there(text, end) &&
            is_of_an_issuer(digits) && passes_luhn(digits) && !is_article_number(digits))
            return end;
    }
    return at;
}

std::size_t iban_end(std::string_view text, std::size_t at) {
    if (!is_letter(text[at]) || !is_letter(text[at + 1]) || (at > 0 && is_word(text[at - 1]))) return at;
    const std::size_t length = iban_length(text[at], text[at + 1]);
    if (length == 0) return at;
    std::array<char, longest_iban> iban{};
    std::size_t count = 0;
    std::size_t end = at;
    std::size_t marked = at;  // where the group begins
    bool has_upper = false;
    bool has_lower = false;
    while (count < length && end < text.size()) {
        const char c = text[end];
        // In groups of four, or in none.
        if (c == ' ' || c == '-' || c == '.') {
            if (end != marked + 4 || !is_word(char_at(text, end + 1))) return at;
            marked = ++end;
            continue;
        }
        if (!is_word(c) || (marked > at && end == marked + 4)) return at;
        ++end;
        has_upper |= is_upper(c);
        has_lower |= is_lower(c);
        iban[count++] = c;
    }
    const bool sound = count == length && is_digit(iban[2]) && is_digit(iban[3]) &&
                       !(has_upper && has_lower) && !is_word(char_at(text, end)) &&
                       passes_mod_97({iban.data(), count});
    return sound ? end : at;
}

}  // namespace attribution::pii::detail
