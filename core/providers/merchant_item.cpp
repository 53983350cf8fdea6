#include "core/providers/merchant_item.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "core/pii/detect.hpp"
#include "core/pii/keys.hpp"
#include "core/providers/event.hpp"
#include "core/providers/timestamp.hpp"

namespace attribution::providers::merchant {

namespace {

constexpr std::size_t longest_key = 100;   // leaves room for what makes a money key of it
constexpr std::size_t longest_path = 300;  // then it names an ancestor
constexpr std::size_t longest_name = 64;   // of a member that a detail names

std::string about(std::string_view member, std::string_view why) {
    return "Member \"" + std::string(member) + "\" " + std::string(why);
}

// Names that could be somebody's data are not repeated.
bool is_plain_name(std::string_view name) {
    return name.size() <= longest_name && is_key(name) && !pii::find(name);
}

std::string path_to(const std::string& parent, std::string_view name) {
    if (parent.size() > longest_path) return parent;
    return parent + "." + (is_plain_name(name) ? std::string(name) : "(masked)");
}

[[noreturn]] void found(pii::kind what, const std::string& path) {
    // Names that are harmless can be an address together.
    throw error(pii_detected, "personal data detected",
                "JSON path " + (pii::find(path) ? "$.(masked)" : path) + " holds personal data (" +
                    std::string(name(what)) + "); nothing of the item was stored.");
}

// As deep as a document may be. `holder` is the name of the member that the value stands in.
void refuse_personal_data(json::value in, std::string_view holder,  // NOLINT(misc-no-recursion)
                          const std::string& path) {
    if (in.is_string() || in.is_number()) {
        if (const auto what = pii::find_in(holder, in.text())) found(*what, path);
    } else if (in.is_array()) {
        std::size_t position = 0;
        for (const json::value element : in)
            refuse_personal_data(element, holder, path + "[" + std::to_string(position++) + "]");
    } else if (in.is_object()) {
        const bool is_item = path == "$";
        for (const json::value member : in) {
            const std::string_view name = member.key();
            if (is_item && (name == "url" || name == "referrer") && member.is_string()) continue;
            const std::string below = path_to(path, name);
            // Elsewhere "shipping" is somebody's address; here it is an amount.
            if (pii::is_personal_key(name) && !(is_item && name == "shipping"))
                found(pii::kind::personal_key, below);
            if (const auto what = pii::find(name)) found(*what, below);
            refuse_personal_data(member, name, below);
        }
    }
}

}  // namespace

void refuse(std::string_view member, std::string_view why) {
    throw error(invalid_event, "invalid event", about(member, why));
}

item_reader::item_reader(json::value item) : item_(item) {
    if (!item.is_object()) throw error(invalid_event, "invalid event", "The item is not a JSON object.");
    refuse_personal_data(item, {}, "$");
}

void item_reader::refuse_others(std::span<const std::string_view> known) const {
    for (const json::value member : item_) {
        const std::string_view name = member.key();
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        if (is_plain_name(name)) refuse(name, "is not one that an item of this type has.");
        throw error(invalid_event, "invalid event", "The item has a member that none of its type has.");
    }
}

std::string_view item_reader::text(std::string_view member) const {
    const json::value found = item_[member];
    if (!found.is_null() && !found.is_string()) refuse(member, "must be a text.");
    return found.text();
}

std::string item_reader::key(std::string_view member, std::size_t shortest) const {
    const std::string_view found = text(member);
    if (found.empty() && !item_[member].is_string()) return {};
    if (found.size() < shortest || found.size() > longest_key || !is_key(found))
        refuse(member, "must be " + std::to_string(shortest) + " to " + std::to_string(longest_key) +
                           " characters of A-Z a-z 0-9 . _ : / # - that begin with a letter or digit.");
    return std::string(found);
}

std::string item_reader::required_key(std::string_view member) const {
    if (!has(member)) refuse(member, "is missing.");
    return key(member);
}

std::string item_reader::time(std::string_view member) const {
    const std::string_view found = text(member);
    if (!item_[member].is_null() && !is_timestamp(found))
        refuse(member, "must be an RFC 3339 time with a zone, such as 2026-11-22T10:00:00Z.");
    return std::string(found);
}

std::string item_reader::required_time(std::string_view member) const {
    if (!has(member)) refuse(member, "is missing.");
    return time(member);
}

bool item_reader::flag(std::string_view member, bool otherwise) const {
    const json::value found = item_[member];
    if (found.is_null()) return otherwise;
    if (found.kind() != json::kind::boolean) refuse(member, "must be true or false.");
    return found.is_true();
}

money::currency item_reader::currency() const {
    if (!has("currency")) refuse("currency", "is missing.");
    const std::string_view code = text("currency");
    if (!money::currency::is_known(code))
        throw error(unknown_currency, "unknown currency",
                    about("currency", "is not a code of ISO 4217, such as EUR."));
    return money::currency::from_code(code);
}

std::optional<std::int64_t> item_reader::amount(std::string_view member, money::currency in) const {
    const json::value found = item_[member];
    if (found.is_null()) return std::nullopt;
    if (!found.is_string())
        throw error(invalid_amount, "invalid amount",
                    about(member, "must be a decimal text, such as \"59.90\"."));
    std::int64_t minor = 0;
    try {
        minor = money::parse_minor(found.text(), in);
    } catch (const error& e) {
        throw error(invalid_amount, "invalid amount", about(member, "is refused: " + e.detail()));
    }
    if (minor < 0) throw error(invalid_amount, "invalid amount", about(member, "is negative."));
    return minor;
}

}  // namespace attribution::providers::merchant
