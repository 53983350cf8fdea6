#include "core/pii/detect.hpp"

#include <algorithm>
#include <array>

#include "core/pii/characters.hpp"
#include "core/pii/email.hpp"
#include "core/pii/keys.hpp"
#include "core/pii/numbers.hpp"
#include "core/pii/percent.hpp"
#include "core/pii/text.hpp"

namespace attribution::pii {

namespace {

// The shortest telephone number.
constexpr std::size_t fewest_digits = 7;

// What a text must have before any closer look is worth it; most texts have nothing of it. Every text that is
// stored is counted, so a character costs one addition: a byte of the sum for each kind of character.
enum counted : unsigned { digits, dots, colons, ats, percents, pluses, odd_ones, marks };

constexpr std::array<std::uint64_t, 256> counts = [] {
    std::array<std::uint64_t, 256> result{};
    const auto count = [&result](unsigned char c, counted as) {
        result[c] = std::uint64_t{1} << (8U * static_cast<unsigned>(as));
    };
    for (unsigned char c = 0; c < 0x20; ++c) count(c, odd_ones);
    for (unsigned c = 0x7F; c < 0x100; ++c) count(static_cast<unsigned char>(c), odd_ones);
    for (unsigned char c = '0'; c <= '9'; ++c) count(c, digits);
    count('.', dots);
    count(':', colons);
    count('@', ats);
    count('%', percents);
    count('+', pluses);
    for (const char c : {' ', '-', '(', '/'}) count(static_cast<unsigned char>(c), marks);
    return result;
}();

class hints {
  public:
    explicit hints(std::string_view text) {
        constexpr std::size_t block = 255;  // what a byte can count
        for (; text.size() > block; text.remove_prefix(block)) add(count(text.substr(0, block)));
        const std::uint64_t last = count(text);
        if (counts_ == 0)
            counts_ = last;
        else
            add(last);
    }
    [[nodiscard]] std::size_t number_of(counted what) const {
        return (counts_ >> (8U * static_cast<unsigned>(what))) & 0xFFU;
    }
    [[nodiscard]] bool may_hold_email() const { return number_of(ats) + number_of(percents) > 0; }
    [[nodiscard]] bool may_hold_number(meaning as) const {
        // Digits without a mark between them are nothing that is looked for in an id.
        const bool has_mark = as == meaning::free_text ||
                              number_of(marks) + number_of(dots) + number_of(colons) + number_of(pluses) > 0;
        return (number_of(digits) >= fewest_digits && has_mark) ||
               (number_of(dots) >= 3 && number_of(digits) >= 4) || number_of(colons) >= 2;
    }
    // Something may be hidden in it that a reader sees, or a browser.
    [[nodiscard]] bool may_be_disguised() const { return number_of(odd_ones) + number_of(percents) > 0; }
    [[nodiscard]] bool may_have_blanks_as_plus() const {
        return number_of(pluses) > 0 && number_of(digits) >= fewest_digits;
    }

  private:
    static std::uint64_t count(std::string_view text) {
        std::uint64_t sum = 0;
        for (const char c : text) sum += counts[static_cast<unsigned char>(c)];
        return sum;
    }
    // Counts of longer texts stop at what a byte holds.
    void add(std::uint64_t more) {
        std::uint64_t sum = 0;
        for (unsigned shift = 0; shift < 64; shift += 8)
            sum |= std::min<std::uint64_t>(((counts_ >> shift) & 0xFFU) + ((more >> shift) & 0xFFU), 0xFFU)
                   << shift;
        counts_ = sum;
    }

    std::uint64_t counts_ = 0;
};

// Whether the whole text is a time such as 2026-11-01T12:00:00.5+01:00, of which every row has some: nothing
// is found in one, but it has the digits and signs of much else.
bool is_time(std::string_view text) {
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (text.size() <= form.size() || text[10] != 'T') return false;
    const auto fits = [](char c, char as) { return as == '0' ? detail::is_digit(c) : c == as; };
    if (!std::equal(form.begin(), form.end(), text.begin(), [&](char as, char c) { return fits(c, as); }))
        return false;
    text.remove_prefix(form.size());
    if (text[0] == '.') text.remove_prefix(detail::digits_end(text, 1));
    if (text == "Z") return true;
    return text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' && fits(text[1], '0') &&
           fits(text[2], '0') && fits(text[4], '0') && fits(text[5], '0');
}

std::optional<kind> find_plain(std::string_view text, const hints& hint, meaning as) {
    if (hint.may_hold_email() && detail::find_email(text, 0)) return kind::email;
    if (!hint.may_hold_number(as)) return std::nullopt;
    const auto number = detail::find_number(text, 0, as);
    return number ? std::optional(number->what) : std::nullopt;
}

// The text as it is read in the end: look-alike characters folded and percent-encoding undone, level by
// level. Nothing when it is nested beyond what any honest link is.
std::optional<std::string> readable(std::string_view text, bool plus_is_space) {
    std::string current = percent_decode(fold_lookalikes(text), plus_is_space);
    for (int level = 0; level < max_levels; ++level) {
        std::string next = percent_decode(fold_lookalikes(current));
        if (next == current) return current;
        current = std::move(next);
    }
    return std::nullopt;
}

std::optional<kind> find_disguised(std::string_view text, bool plus_is_space, meaning as) {
    const std::optional<std::string> plain = readable(text, plus_is_space);
    // What it hides cannot be told, so it counts as an address.
    if (!plain) return kind::email;
    return *plain == text ? std::nullopt : find_plain(*plain, hints(*plain), as);
}

std::string redact_plain(std::string_view text, meaning as) {
    std::string result;
    std::size_t at = 0;
    auto email = detail::find_email(text, 0);
    auto number = detail::find_number(text, 0, as);
    while (email || number) {
        const bool email_first = !number || (email && email->begin <= number->where.begin);
        const detail::span first = email_first ? *email : number->where;
        result += text.substr(at, first.begin - at);
        result += redaction_mark;
        at = first.end;
        // Only what has been passed is looked for again, so the whole takes one walk for each kind.
        if (email && email->begin < at) email = detail::find_email(text, at);
        if (number && number->where.begin < at) number = detail::find_number(text, at, as);
    }
    result += text.substr(at);
    return result;
}

}  // namespace

std::string_view name(kind what) noexcept {
    switch (what) {
        case kind::email:
            return "email";
        case kind::phone:
            return "phone";
        case kind::card:
            return "card";
        case kind::iban:
            return "iban";
        case kind::ip:
            return "ip";
        case kind::ssn:
            return "ssn";
        case kind::personal_key:
            return "personal_key";
    }
    return {};
}

std::optional<kind> find(std::string_view text, meaning as) {
    const hints hint(text);
    if (hint.may_hold_number(as) && is_time(text)) return std::nullopt;
    // First as a reader sees it: a number that invisible characters cut has parts that look like others.
    if (hint.may_be_disguised())
        if (const auto found = find_disguised(text, false, as)) return found;
    if (const auto found = find_plain(text, hint, as)) return found;
    return hint.may_have_blanks_as_plus() ? find_disguised(text, true, as) : std::nullopt;
}

std::optional<kind> find_in(std::string_view holder, std::string_view text) {
    const auto found = find(text);
    // Names are judged only where it matters.
    return found && is_id_name(holder) ? find(text, meaning::id) : found;
}

std::string redact(std::string_view text, meaning as) {
    if (!find(text, as)) return std::string(text);
    const std::string seen = fold_lookalikes(text, true);
    // What decoding shows may be longer than the part of it that is seen without.
    const auto hidden = find_disguised(seen, false, as);
    if (hidden && hidden != find_plain(seen, hints(seen), as)) return std::string(redaction_mark);
    std::string result = redact_plain(seen, as);
    return find(result, as) ? std::string(redaction_mark) : result;
}

}  // namespace attribution::pii
