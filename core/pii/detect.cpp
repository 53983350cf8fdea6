#include "core/pii/detect.hpp"

#include <algorithm>

#include "core/pii/email.hpp"
#include "core/pii/percent.hpp"
#include "core/pii/phone.hpp"
#include "core/pii/text.hpp"

namespace attribution::pii {

namespace {

// What a text must have before any closer look is worth it; most texts have nothing of it.
struct hints {
    bool at = false;
    bool percent = false;
    bool plus = false;
    bool beyond_ascii = false;
    std::size_t digits = 0;

    explicit hints(std::string_view text) {
        for (const char c : text) {
            at |= c == '@';
            percent |= c == '%';
            plus |= c == '+';
            beyond_ascii |= static_cast<signed char>(c) < 0;
            digits += c >= '0' && c <= '9' ? 1 : 0;
        }
    }
    bool may_be_phone() const { return digits >= 7; }
};

std::optional<kind> find_plain(std::string_view text, const hints& hint) {
    if ((hint.at || hint.percent) && detail::find_email(text, 0)) return kind::email;
    if (hint.may_be_phone() && detail::find_phone(text, 0)) return kind::phone;
    return std::nullopt;
}

// The text itself, and the text as a reader of look-alike characters sees it.
std::optional<kind> find_visible(std::string_view text) {
    const hints hint(text);
    if (const auto found = find_plain(text, hint)) return found;
    if (!hint.beyond_ascii) return std::nullopt;
    const std::string folded = fold_lookalikes(text);
    return find_plain(folded, hints(folded));
}

std::string redact_plain(std::string_view text) {
    std::string result;
    std::size_t at = 0;
    auto email = detail::find_email(text, 0);
    auto phone = detail::find_phone(text, 0);
    while (email || phone) {
        const detail::span first = !phone || (email && email->begin <= phone->begin) ? *email : *phone;
        result += text.substr(at, first.begin - at);
        result += redaction_mark;
        at = first.end;
        // Only what has been passed is looked for again, so the whole takes one walk for each kind.
        if (email && email->begin < at) email = detail::find_email(text, at);
        if (phone && phone->begin < at) phone = detail::find_phone(text, at);
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
        case kind::personal_key:
            return "personal_key";
    }
    return {};
}

std::optional<kind> find(std::string_view text) {
    if (const auto found = find_visible(text)) return found;
    const hints hint(text);
    if (hint.percent) {
        const std::string decoded = percent_decode_fully(text);
        // Nested beyond what any honest link has: what it hides cannot be told, so it counts as an address.
        if (decoded.empty()) return kind::email;
        if (decoded.size() != text.size())
            if (const auto found = find_visible(decoded)) return found;
    }
    if (hint.plus && hint.may_be_phone()) return find_visible(percent_decode_fully(text, true));
    return std::nullopt;
}

std::string redact(std::string_view text) {
    if (!find(text)) return std::string(text);
    std::string result = redact_plain(text);
    return find(result) ? std::string(redaction_mark) : result;
}

}  // namespace attribution::pii
