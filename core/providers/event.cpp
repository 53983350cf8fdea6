#include "core/providers/event.hpp"

#include <algorithm>

#include "core/json/writer.hpp"
#include "core/pii/detect.hpp"

namespace attribution::providers {

namespace {

constexpr std::size_t longest_key = 200;
constexpr std::size_t shortest_transaction_ref = 7;
constexpr std::size_t usual_size = 2048;  // of an event's text

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The key when it can be stored: of the right characters, and no telephone number or IP address.
std::string usable_key(const std::string& text) {
    return is_key(text) && !pii::find(text, pii::meaning::id) ? text : std::string{};
}

// Unlike a key, a topic is not the id of anything: nothing personal may look like one.
std::string usable_topic(const std::string& text) {
    return is_key(text) && !pii::find(text) ? text : std::string{};
}

void write(json::writer& out, const delivery& from) {
    out.key("delivery").begin_object();
    out.member("source", from.source).optional_member("key", from.key).member("digest", from.digest);
    out.optional_member("topic", from.topic).optional_member("endpoint_id", from.endpoint_id);
    out.optional_member("correlation_id", from.correlation_id);
    out.optional_member("transmission_id", from.transmission_id);
    out.key("books_revenue").boolean(from.books_revenue).end_object();
}

void write(json::writer& out, const channels::signals& from) {
    out.key("signals").begin_object();
    out.optional_member("source", from.source).optional_member("medium", from.medium);
    out.optional_member("campaign", from.campaign).optional_member("content", from.content);
    out.optional_member("term", from.term).optional_member("referrer_host", from.referrer_host);
    out.optional_member("click_id", from.click_id).optional_member("landing_path", from.landing_path);
    out.end_object();
}

void write(json::writer& out, const conversion& from) {
    out.key("conversion").begin_object();
    out.member("external_id", from.external_id).member("occurred_at", from.occurred_at);
    out.optional_member("order_ref", from.order_ref).optional_member("journey_id", from.journey_id);
    out.optional_member("transaction_ref", from.transaction_ref);
    write(out, from.signals);
    out.key("payload").raw(from.payload).end_object();
}

void write(json::writer& out, const touchpoint& from) {
    out.begin_object()
        .optional_member("external_id", from.external_id)
        .member("occurred_at", from.occurred_at)
        .optional_member("journey_id", from.journey_id);
    write(out, from.signals);
    if (!from.payload.empty()) out.key("payload").raw(from.payload);
    out.end_object();
}

std::string_view name(money_role role) {
    switch (role) {
        case money_role::part:
            return "part";
        case money_role::total:
            return "total";
        case money_role::alone:
            return {};
    }
    return {};
}

void write(json::writer& out, const money_state& from) {
    out.begin_object().member("money_key", from.money_key).member("kind", name(from.kind));
    out.key("cumulative_minor").integer(from.cumulative_minor).member("currency", from.currency);
    out.member("version_at", from.version_at).member("occurred_at", from.occurred_at);
    out.optional_member("parent", from.parent).optional_member("role", name(from.role));
    if (from.gross_minor) out.key("gross_minor").integer(*from.gross_minor);
    if (from.tax_minor) out.key("tax_minor").integer(*from.tax_minor);
    if (from.shipping_minor) out.key("shipping_minor").integer(*from.shipping_minor);
    out.end_object();
}

void write(json::writer& out, const notice& from) {
    out.key("notice").begin_object().member("occurred_at", from.occurred_at);
    out.optional_member("external_id", from.external_id).optional_member("order_ref", from.order_ref);
    out.optional_member("transaction_ref", from.transaction_ref);
    out.key("payload").raw(from.payload).end_object();
}

void write(json::writer& out, const rejection& from) {
    out.key("rejected").begin_object().member("code", from.code).member("detail", from.detail);
    out.key("length").integer(static_cast<std::int64_t>(from.length));
    if (!from.event.empty()) out.key("event").raw(from.event);
    if (!from.facts.empty()) out.key("facts").raw(from.facts);
    out.end_object();
}

}  // namespace

std::string_view name(money_kind kind) noexcept {
    switch (kind) {
        case money_kind::capture:
            return "capture";
        case money_kind::refund:
            return "refund";
        case money_kind::chargeback:
            return "chargeback";
        case money_kind::chargeback_reversal:
            return "chargeback_reversal";
        case money_kind::adjustment:
            return "adjustment";
    }
    return {};
}

std::string_view name(ignore_reason reason) noexcept {
    return reason == ignore_reason::test_mode ? "test_mode" : "unknown_topic";
}

bool is_key(std::string_view text) noexcept {
    return !text.empty() && text.size() <= longest_key && is_alphanumeric(text[0]) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_alphanumeric(c) || std::string_view("._:/#-").find(c) != std::string_view::npos;
           });
}

std::string transaction_ref_of(std::string_view text) {
    return text.size() >= shortest_transaction_ref ? usable_key(std::string(text)) : std::string{};
}

bool is_journey_id(std::string_view text) {
    return text.size() >= shortest_journey_id && is_key(text) && !pii::find(text);
}

std::string to_json(const event& from) {
    json::writer out(usual_size);
    out.begin_object().key("version").integer(contract_version);
    write(out, from.delivery);
    if (from.conversion) write(out, *from.conversion);
    if (!from.touchpoints.empty()) {
        out.key("touchpoints").begin_array();
        for (const touchpoint& one : from.touchpoints) write(out, one);
        out.end_array();
    }
    if (!from.states.empty()) {
        out.key("states").begin_array();
        for (const money_state& one : from.states) write(out, one);
        out.end_array();
    }
    if (from.notice) write(out, *from.notice);
    if (from.ignored) out.key("ignored").begin_object().member("reason", name(*from.ignored)).end_object();
    if (from.rejected) write(out, *from.rejected);
    out.end_object();
    return std::move(out).text();
}

// Evidence has keys of its own: the same delivery may come to an endpoint that books, also afterwards, when a
// merchant has it sent again to one that does.
std::string delivery_key(const delivery_facts& facts) {
    std::string key = usable_key(facts.delivery_key);
    if (facts.books_revenue || key.empty()) return key;
    key.insert(0, "evidence:");
    return is_key(key) ? key : std::string{};
}

delivery make_delivery(const delivery_facts& facts) {
    return {facts.source,      delivery_key(facts),  facts.digest_hex,      usable_topic(facts.topic),
            facts.endpoint_id, facts.correlation_id, facts.transmission_id, facts.books_revenue};
}

event rejected_event(const delivery_facts& facts, const error& why, std::size_t length) {
    event result;
    result.delivery = make_delivery(facts);
    result.rejected = rejection{std::string(why.sqlstate()), why.detail(), length, "", ""};
    return result;
}

}  // namespace attribution::providers
