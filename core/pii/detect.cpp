#include "core/pii/detect.hpp"

#include <algorithm>
#include <array>

#include "core/pii/email.hpp"
#include "core/pii/keys.hpp"
#include "core/pii/numbers.hpp"
#include "core/pii/percent.hpp"
#include "core/pii/text.hpp"

namespace attribution::pii {

namespace {

// Honest links are encoded once or twice; each level of nesting costs a pass over the text.
constexpr int max_levels = 8;
// The shortest telephone number.
constexpr std::size_t fewest_digits = 7;

// What a text must have before any closer look is worth it; most texts have nothing of it. Every text that is
// stored is counted, so a character costs one addition: a byte of the sum for each kind of character.
enum counted : unsigned { digits, dots, colons, ats, percents, pluses, odd_ones };

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
    return result;
}();

class hints {
  public:
    explicit hints(std::string_view text) {
        constexpr std::size_t block = 255;  // what a byte can count
        while (!text.empty()) {
            std::uint64_t sum = 0;
            for (const char c : text.substr(0, block)) sum += counts[static_cast<unsigned char>(c)];
            for (std::size_t i = 0; i < totals_.size(); ++i) totals_[i] += (sum >> (8U * i)) & 0xFFU;
            text.remove_prefix(std::min(block, text.size()));
        }
    }
    [[nodiscard]] bool has(counted what) const { return totals_[what] > 0; }
    [[nodiscard]] bool may_hold_email() const { return has(ats) || has(percents); }
    [[nodiscard]] bool may_hold_number() const {
        return totals_[digits] >= fewest_digits || (totals_[dots] >= 3 && totals_[digits] >= 4) ||
               totals_[colons] >= 2;
    }
    // Something may be hidden in it that a reader sees, or a browser.
    [[nodiscard]] bool may_be_disguised() const { return has(odd_ones) || has(percents); }
    [[nodiscard]] bool may_have_blanks_as_plus() const {
        return has(pluses) && totals_[digits] >= fewest_digits;
    }

  private:
    std::array<std::size_t, odd_ones + 1> totals_{};
};

std::optional<kind> find_plain(std::string_view text, const hints& hint, meaning as) {
    if (hint.may_hold_email() && detail::find_email(text, 0)) return kind::email;
    if (!hint.may_hold_number()) return std::nullopt;
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
    if (const auto found = find_plain(text, hint, as)) return found;
    if (hint.may_be_disguised())
        if (const auto found = find_disguised(text, false, as)) return found;
    return hint.may_have_blanks_as_plus() ? find_disguised(text, true, as) : std::nullopt;
}

std::optional<kind> find_in(std::string_view holder, std::string_view text) {
    const auto found = find(text);
    // Names are judged only where it matters.
    return found && is_id_name(holder) ? find(text, meaning::id) : found;
}

std::string redact(std::string_view text, meaning as) {
    if (!find(text, as)) return std::string(text);
    std::string result = redact_plain(text, as);
    return find(result, as) ? std::string(redaction_mark) : result;
}

}  // namespace attribution::pii
