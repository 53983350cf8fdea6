#include "core/providers/shopify.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/channels/glob.hpp"
#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/money/money.hpp"
#include "core/pii/detect.hpp"
#include "core/pii/text.hpp"
#include "core/pii/url.hpp"
#include "core/providers/timestamp.hpp"
#include "core/providers/visit.hpp"

namespace attribution::providers::shopify {

namespace {

constexpr auto order_topics =
    std::to_array<std::string_view>({"orders/create", "orders/paid", "orders/updated"});
constexpr std::size_t longest_id = 20;  // of a 64-bit number
constexpr std::size_t most_discount_codes = 5;
constexpr std::size_t longest_discount_code = 64;

[[noreturn]] void refuse(std::string detail) {
    throw error(invalid_event, "invalid event", std::move(detail));
}

[[noreturn]] void not_an_order(std::string_view member) {
    refuse("The body is not an order: " + std::string(member) + " is missing or not of its kind.");
}

// The exact digits of an id. Ids pass 2^53, so they are never taken for a number.
std::string_view id_of(json::value order, std::string_view member) {
    const json::value id = order[member];
    const std::string_view text = id.text();
    const bool sound = id.is_number() && text.size() <= longest_id && text[0] != '0' &&
                       text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!sound) not_an_order(member);
    return text;
}

std::string_view time_of(json::value order, std::string_view member) {
    const json::value time = order[member];
    if (!time.is_string() || !is_timestamp(time.text())) not_an_order(member);
    return time.text();
}

std::int64_t amount_of(json::value amount, std::string_view member, money::currency currency) {
    if (!amount.is_string() && !amount.is_number()) not_an_order(member);
    return money::parse_minor(amount.text(), currency);
}

struct order_facts {
    std::string_view id;
    std::string_view status;  // empty when null
    money::currency currency;
    std::int64_t total;
    std::string_view occurred_at;
    std::string_view version_at;
};

// Checks the shape: topics are not signed, so a refund's body may come in under an order's name.
order_facts read_order(json::value order) {
    if (!order.is_object()) refuse("The body is not an order: it is not a JSON object.");
    const std::string_view id = id_of(order, "id");
    const json::value status = order["financial_status"];
    if (!status.exists() || !(status.is_string() || status.is_null())) not_an_order("financial_status");
    const json::value currency_code = order["currency"];
    if (!currency_code.is_string()) not_an_order("currency");
    const json::value total = order["total_price"];
    if (!total.exists()) not_an_order("total_price");
    const std::string_view version_at = time_of(order, "updated_at");
    const std::string_view occurred_at =
        time_of(order, order["processed_at"].is_null() ? "created_at" : "processed_at");
    const auto currency = money::currency::from_code(currency_code.text());
    const std::int64_t total_minor = amount_of(total, "total_price", currency);
    if (total_minor < 0) throw error(invalid_amount, "invalid amount", "total_price is negative.");
    return {id, status.text(), currency, total_minor, occurred_at, version_at};
}

std::int64_t captured(json::value order, const order_facts& facts) {
    const std::string_view status = facts.status;
    if (status == "paid" || status == "partially_refunded" || status == "refunded") return facts.total;
    if (status.empty() || status == "pending" || status == "authorized" || status == "voided" ||
        status == "expired")
        return 0;
    if (status != "partially_paid") refuse("financial_status is not one that is known.");

    const std::int64_t outstanding =
        amount_of(order["total_outstanding"], "total_outstanding", facts.currency);
    const std::int64_t paid = money::subtract(facts.total, outstanding);
    if (outstanding < 0 || paid < 0)
        throw error(invalid_amount, "invalid amount", "total_outstanding is not between 0 and total_price.");
    return paid;
}

std::optional<std::int64_t> optional_amount(json::value amount, std::string_view member,
                                            money::currency currency) {
    if (amount.is_null()) return std::nullopt;
    return amount_of(amount, member, currency);
}

money_state state_of(json::value order, const order_facts& facts) {
    money_state state;
    state.money_key = "shopify:order:" + std::string(facts.id);
    state.cumulative_minor = captured(order, facts);
    state.currency = facts.currency.code();
    state.version_at = facts.version_at;
    state.occurred_at = facts.occurred_at;
    // Of a part of the price it is not known which part of it is tax.
    if (state.cumulative_minor == facts.total) {
        state.tax_minor = optional_amount(order["total_tax"], "total_tax", facts.currency);
        state.shipping_minor = optional_amount(order["total_shipping_price_set"]["shop_money"]["amount"],
                                               "total_shipping_price_set", facts.currency);
    }
    return state;
}

channels::signals signals_of(json::value order, const delivery_facts& facts) {
    visit seen;
    seen.landing_url = order["landing_site"].text();
    seen.referrer_url = order["referring_site"].text();
    seen.own_hosts.push_back(channels::to_lower(facts.account));
    // The shop's own domain stands nowhere else; the rest of this address is a secret and is not read.
    seen.own_hosts.push_back(pii::url_host(order["order_status_url"].text()));
    for (const json::value attribute : order["note_attributes"])
        seen.attributes.push_back({attribute["name"].text(), attribute["value"].text()});
    return read_visit(seen);
}

// A code is kept when it looks like one that was made for a campaign; other texts may name a person.
bool is_campaign_code(std::string_view code) {
    return !code.empty() && code.size() <= longest_discount_code && is_key(code) && !pii::find(code);
}

void write_discount_codes(json::writer& out, json::value codes) {
    out.key("discount_codes").begin_array();
    std::size_t written = 0;
    for (const json::value entry : codes) {
        const std::string_view code = entry["code"].text();
        if (written == most_discount_codes) break;
        if (!is_campaign_code(code)) continue;
        out.string(code);
        ++written;
    }
    out.end_array();
}

// What reports may want beside the money, and nothing that a customer or the staff wrote.
std::string payload_of(json::value order, const order_facts& facts) {
    json::writer out;
    out.begin_object().key("financial_status");
    if (facts.status.empty())
        out.null();
    else
        out.string(facts.status);
    out.member("currency", facts.currency.code());
    out.member("total_price", money::format_minor(facts.total, facts.currency));
    if (const auto tax = optional_amount(order["total_tax"], "total_tax", facts.currency))
        out.member("total_tax", money::format_minor(*tax, facts.currency));
    out.optional_member("source_name", pii::clean_text(order["source_name"].text()));
    out.key("line_item_count").integer(static_cast<std::int64_t>(order["line_items"].size()));
    if (order["discount_codes"].size() > 0) write_discount_codes(out, order["discount_codes"]);
    out.end_object();
    return std::move(out).text();
}

notice test_notice(const order_facts& facts) {
    json::writer out;
    out.begin_object().key("test").boolean(true).member("order_id", facts.id).end_object();
    return {std::string(facts.occurred_at), std::move(out).text(), ""};
}

json::document read_body(std::string_view body) {
    try {
        return json::parse(body);
    } catch (const json::error& broken) {
        refuse("The body is not valid JSON: " + broken.reason() + " at byte " +
               std::to_string(broken.offset()) + ".");
    }
}

}  // namespace

bool is_supported_topic(std::string_view topic) noexcept {
    return std::find(order_topics.begin(), order_topics.end(), topic) != order_topics.end();
}

event translate(const delivery_facts& facts, std::string_view body) {
    if (!is_supported_topic(facts.topic)) refuse("The topic is not one that is known.");
    const json::document document = read_body(body);
    const json::value order = document.root();
    const order_facts known = read_order(order);

    event result;
    result.delivery = make_delivery(facts);
    const json::value test = order["test"];
    if (!test.is_null() && test.kind() != json::kind::boolean)
        refuse("Member \"test\" is neither true nor false.");
    if (test.is_true()) {
        result.notice = test_notice(known);
        return result;
    }
    result.states.push_back(state_of(order, known));
    result.conversion = conversion{std::string(known.id),
                                   std::string(known.occurred_at),
                                   signals_of(order, facts),
                                   payload_of(order, known),
                                   "",
                                   ""};
    return result;
}

}  // namespace attribution::providers::shopify
