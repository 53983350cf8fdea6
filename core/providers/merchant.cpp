#include "core/providers/merchant.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "core/errors.hpp"
#include "core/json/writer.hpp"
#include "core/pii/text.hpp"
#include "core/pii/url.hpp"
#include "core/providers/merchant_item.hpp"
#include "core/providers/timestamp.hpp"
#include "core/providers/visit.hpp"

namespace attribution::providers::merchant {

namespace {

using channels::signals;

constexpr std::string_view source = "api";

struct named_signal {
    std::string_view member;
    std::string_view parameter;
    std::string signals::*signal;
};

constexpr std::array<named_signal, 5> named_signals{{
    {"source", "utm_source", &signals::source},
    {"medium", "utm_medium", &signals::medium},
    {"campaign", "utm_campaign", &signals::campaign},
    {"content", "utm_content", &signals::content},
    {"term", "utm_term", &signals::term},
}};

std::string journey_of(const item_reader& item) {
    std::string journey = item.key("journey_id", shortest_journey_id);
    if (!journey.empty() && !is_journey_id(journey))
        throw error(pii_detected, "personal data detected",
                    "JSON path $.journey_id looks like personal data; nothing of the item was stored.");
    return journey;
}

signals signals_of(const item_reader& item) {
    visit seen;
    seen.landing_url = item.text("url");
    seen.referrer_url = item.text("referrer");
    for (const auto& [member, parameter, signal] : named_signals)
        seen.attributes.push_back({parameter, item.text(member)});
    signals result = read_visit(seen);
    for (const auto& [member, parameter, signal] : named_signals)
        if (const std::string said = pii::clean_text(item.text(member)); !said.empty()) result.*signal = said;
    if (const std::string_view click_id = item.text("click_id"); !click_id.empty()) {
        result.click_id = pii::click_id_name(click_id);
        if (result.click_id.empty())
            refuse("click_id", "must be the name of a click id, such as gclid, never its value.");
    }
    return result;
}

// Money as of updated_at, which orders what is told of it.
money_state state_of(const item_reader& item, money_kind kind, std::string money_key, std::int64_t amount,
                     money::currency currency) {
    money_state state;
    state.money_key = std::move(money_key);
    state.kind = kind;
    state.cumulative_minor = amount;
    state.currency = currency.code();
    state.occurred_at = item.required_time("occurred_at");
    state.version_at = item.has("updated_at") ? item.time("updated_at") : state.occurred_at;
    return state;
}

// For evidence, whose states are not booked.
std::string payload_of(const std::optional<money_state>& money) {
    json::writer out;
    out.begin_object();
    if (money) {
        out.member("kind", name(money->kind)).member("currency", money->currency);
        out.key("amount_minor").integer(money->cumulative_minor);
    }
    out.end_object();
    return std::move(out).text();
}

std::string order_key(std::string_view order_id) {
    return "merchant:order:" + std::string(order_id);
}

void read_touchpoint(const item_reader& item, event& into) {
    into.touchpoints.push_back(
        {into.delivery.key, item.required_time("occurred_at"), signals_of(item), "", journey_of(item)});
}

// A conversion without an amount moves no money; then nothing may be said of money at all.
std::optional<money_state> money_of(const item_reader& item, std::string_view order_id) {
    if (!item.has("amount")) {
        for (const std::string_view member : {"currency", "tax", "shipping"})
            if (item.has(member)) refuse("amount", "is missing, and there are others that speak of it.");
        return std::nullopt;
    }
    const money::currency currency = item.currency();
    money_state state =
        state_of(item, money_kind::capture, order_key(order_id), *item.amount("amount", currency), currency);
    state.tax_minor = item.amount("tax", currency);
    state.shipping_minor = item.amount("shipping", currency);
    return state;
}

void read_conversion(const item_reader& item, event& into) {
    const std::string order_id = item.required_key("order_id");
    const std::optional<money_state> money = money_of(item, order_id);
    into.delivery.books_revenue = item.flag("books_revenue", true);
    into.conversion = conversion{order_id,         item.required_time("occurred_at"),
                                 signals_of(item), payload_of(money),
                                 order_id,         journey_of(item)};
    if (money) into.states.push_back(*money);
}

void read_refund(const item_reader& item, event& into) {
    const std::string refund_id = item.required_key(item.has("refund_id") ? "refund_id" : "id");
    const std::string order_id = item.required_key("order_id");
    if (!item.has("amount")) refuse("amount", "is missing.");
    const money::currency currency = item.currency();
    money_state state = state_of(item, money_kind::refund, "merchant:refund:" + refund_id,
                                 *item.amount("amount", currency), currency);
    state.parent = order_key(order_id);
    into.delivery.books_revenue = item.flag("books_revenue", true);
    into.notice = notice{state.occurred_at, payload_of(state), order_id};
    into.states.push_back(std::move(state));
}

std::string visited_at(const item_reader& item, const std::string& received_at) {
    constexpr std::int64_t tolerance = 600;  // seconds
    std::string told = item.time("occurred_at");
    if (told.empty()) return received_at;
    const std::int64_t off = seconds_of(told) - seconds_of(received_at);
    return off < -tolerance || off > tolerance ? received_at : told;
}

constexpr auto visit_members =
    std::to_array<std::string_view>({"type", "id", "occurred_at", "journey_id", "url", "referrer"});
constexpr auto touchpoint_members =
    std::to_array<std::string_view>({"type", "id", "occurred_at", "journey_id", "url", "referrer", "source",
                                     "medium", "campaign", "content", "term", "click_id"});
constexpr auto conversion_members = std::to_array<std::string_view>(
    {"type", "id", "occurred_at", "journey_id", "url", "referrer", "source", "medium", "campaign", "content",
     "term", "click_id", "order_id", "updated_at", "amount", "currency", "tax", "shipping", "books_revenue"});
constexpr auto refund_members =
    std::to_array<std::string_view>({"type", "id", "refund_id", "order_id", "occurred_at", "updated_at",
                                     "amount", "currency", "books_revenue"});

struct item_type {
    std::string_view name;
    std::span<const std::string_view> members;
    void (*read)(const item_reader&, event&);
};

constexpr std::array<item_type, 3> item_types{{
    {"touchpoint", touchpoint_members, &read_touchpoint},
    {"conversion", conversion_members, &read_conversion},
    {"refund", refund_members, &read_refund},
}};

const item_type* find_type(std::string_view name) {
    const auto* const found = std::find_if(item_types.begin(), item_types.end(),
                                           [name](const item_type& one) { return one.name == name; });
    return found == item_types.end() ? nullptr : found;
}

std::string text_of(json::value text) {
    return text.is_string() ? std::string(text.text()) : std::string();
}

}  // namespace

delivery_facts facts_of(json::value item, std::string digest_hex, std::string correlation_id) {
    delivery_facts facts;
    facts.source = source;
    facts.digest_hex = std::move(digest_hex);
    facts.correlation_id = std::move(correlation_id);
    facts.delivery_key = text_of(item["id"]);
    if (const item_type* const type = find_type(item["type"].text())) facts.topic = type->name;
    return facts;
}

event translate(const delivery_facts& facts, json::value item) {
    const item_reader reader(item);
    const item_type* const type = find_type(reader.text("type"));
    if (type == nullptr) refuse("type", "must be touchpoint, conversion or refund.");
    reader.refuse_others(type->members);
    (void)reader.key("id");

    event result;
    result.delivery = make_delivery(facts);
    type->read(reader, result);
    return result;
}

event translate_visit(const delivery_facts& facts, json::value item, const std::string& received_at) {
    const item_reader reader(item);
    if (reader.has("type") && reader.text("type") != "touchpoint")
        throw error(publishable_key, "not a touchpoint",
                    "The item is no touchpoint, and a page sends nothing else.",
                    "Send sales and refunds from a server, with a secret API key, to POST /api/ingest.");
    reader.refuse_others(visit_members);
    (void)reader.required_key("id");
    if (!reader.has("url")) refuse("url", "is missing.");

    event result;
    result.delivery = make_delivery(facts);
    result.touchpoints.push_back(
        {result.delivery.key, visited_at(reader, received_at), signals_of(reader), "", journey_of(reader)});
    return result;
}

}  // namespace attribution::providers::merchant
