#include "core/providers/readable_facts.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/pii/detect.hpp"
#include "core/providers/event.hpp"
#include "core/providers/timestamp.hpp"

namespace attribution::providers {

namespace {

constexpr std::size_t longest_text = 64;

constexpr auto names = std::to_array<std::string_view>({
    "amount",
    "amount_captured",
    "amount_received",
    "amount_refunded",
    "amount_total",
    "capture_id",
    "charge",
    "create_time",
    "created",
    "created_at",
    "currency",
    "currency_code",
    "current_total_price",
    "date_created_gmt",
    "date_modified_gmt",
    "date_paid_gmt",
    "dispute_id",
    "financial_status",
    "id",
    "initiated_at",
    "kind",
    "livemode",
    "mode",
    "object",
    "order_id",
    "payment_intent",
    "payment_status",
    "processed_at",
    "resource_type",
    "sale_id",
    "state",
    "status",
    "test",
    "total",
    "total_outstanding",
    "total_price",
    "total_tax",
    "type",
    "update_time",
    "updated_at",
    "value",
});

// A provider's own word is written small (partially_refunded) or is a currency; ids and amounts have digits.
// Where a word begins with a capital, somebody's name may stand.
bool is_own_word(std::string_view text) {
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view small = "abcdefghijklmnopqrstuvwxyz_.";
    constexpr std::string_view capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (text.find_first_of(digits) != std::string_view::npos) return true;
    return text.find_first_not_of(small) == std::string_view::npos ||
           (text.size() == 3 && text.find_first_not_of(capital) == std::string_view::npos);
}

// Without an exponent: a database writes such a number out.
bool is_plain_number(std::string_view text) {
    return text.find_first_not_of("-.0123456789") == std::string_view::npos;
}

// Texts have the form of a key or of a time; what anybody wrote has not.
bool is_readable(json::value member) {
    const std::string_view text = member.text();
    if (std::find(names.begin(), names.end(), member.key()) == names.end() || text.size() > longest_text)
        return false;
    if (member.kind() == json::kind::boolean || (member.is_string() && is_timestamp(text))) return true;
    // The number of a card may stand there as a number, too.
    return ((member.is_number() && is_plain_number(text)) ||
            (member.is_string() && is_key(text) && is_own_word(text))) &&
           !pii::find_in(member.key(), text);
}

// A member that stands in both is written once.
void write_members(json::value of, std::set<std::string_view>& written, json::writer& out) {
    for (const json::value member : of) {
        if (!is_readable(member) || !written.insert(member.key()).second) continue;
        out.key(member.key());
        if (member.is_string())
            out.string(member.text());
        else
            out.raw(member.text());
    }
}

}  // namespace

std::string readable_facts(std::string_view body) {
    try {
        const json::document document = json::parse(body);
        std::set<std::string_view> written;
        json::writer out;
        out.begin_object();
        if (document.root().is_object()) {
            write_members(document["data"]["object"], written, out);
            write_members(document["order_edit"], written, out);
            write_members(document["resource"], written, out);
            write_members(document["resource"]["amount"], written, out);
            write_members(document.root(), written, out);
        }
        out.end_object();
        return written.empty() ? std::string{} : std::move(out).text();
    } catch (const json::error&) {
        return {};
    }
}

}  // namespace attribution::providers
