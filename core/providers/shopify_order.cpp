#include "core/providers/shopify_order.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/channels/glob.hpp"
#include "core/errors.hpp"
#include "core/json/writer.hpp"
#include "core/pii/detect.hpp"
#include "core/pii/text.hpp"
#include "core/pii/url.hpp"
#include "core/providers/body.hpp"
#include "core/providers/shopify_body.hpp"
#include "core/providers/shopify_refund.hpp"
#include "core/providers/visit.hpp"

namespace attribution::providers::shopify {

namespace {

constexpr std::size_t most_discount_codes = 5;
constexpr std::size_t longest_discount_code = 64;

struct order_facts {
    shaped from;
    std::string_view id;
    std::string_view status;  // empty when null
    money::currency currency;
    std::int64_t total;
    std::string_view occurred_at;
    std::string_view version_at;
};

order_facts facts_of(json::value body) {
    const shaped order{body, "an order"};
    const std::string_view id = id_of(order);
    const json::value status = body["financial_status"];
    if (!status.exists() || !(status.is_string() || status.is_null()))
        refuse_member(order, "financial_status");
    if (!body["total_price"].exists()) refuse_member(order, "total_price");
    const std::string_view version_at = time_of(order, "updated_at");
    const std::string_view occurred_at = time_of(order, "processed_at", "created_at");
    const money::currency currency = currency_of(order);
    return {
        order,       id,        status.text(), currency, unsigned_amount_of(order, "total_price", currency),
        occurred_at, version_at};
}

// What the customer paid before refunds, when the order tells it. A current price above total_price is none
// that edits and refunds have left of it: Shopify's own sample has one.
std::optional<std::int64_t> received(const order_facts& known, std::int64_t refunded) {
    const auto current = optional_amount(known.from, "current_total_price", known.currency);
    const auto outstanding = optional_amount(known.from, "total_outstanding", known.currency);
    if (!current || !outstanding || *current > known.total) return std::nullopt;
    const std::int64_t paid = money::add(money::subtract(*current, *outstanding), refunded);
    if (paid < 0) return std::nullopt;
    return paid;
}

bool owes_nothing(const order_facts& known) {
    return optional_amount(known.from, "total_outstanding", known.currency).value_or(0) <= 0;
}

std::int64_t part_paid(const order_facts& known) {
    const std::int64_t outstanding = amount_of(known.from, "total_outstanding", known.currency);
    const std::int64_t paid = money::subtract(known.total, outstanding);
    if (outstanding < 0 || paid < 0)
        throw error(invalid_amount, "invalid amount", "total_outstanding is not between 0 and total_price.");
    return paid;
}

std::int64_t captured(const order_facts& known, std::int64_t refunded) {
    const std::string_view status = known.status;
    if (status.empty() || status == "pending" || status == "authorized" || status == "voided" ||
        status == "expired")
        return 0;
    const std::optional<std::int64_t> paid = received(known, refunded);
    if (status == "partially_paid") return paid ? *paid : part_paid(known);
    if (status != "paid" && status != "partially_refunded" && status != "refunded")
        refuse("financial_status is not one that is known.");
    // A paid order owes nothing; of a refunded one the refunds must be listed to tell what they came from.
    const bool is_telling = status == "paid" ? owes_nothing(known) : refunded > 0;
    return paid && is_telling ? *paid : known.total;
}

money_state capture_state(const order_facts& known, std::int64_t refunded) {
    money_state state;
    state.money_key = order_key(known.id);
    state.cumulative_minor = captured(known, refunded);
    state.currency = known.currency.code();
    state.version_at = known.version_at;
    state.occurred_at = known.occurred_at;
    // Of a part of the price it is not known which part of it is tax.
    if (state.cumulative_minor == known.total) {
        state.tax_minor = optional_amount(known.from, "total_tax", known.currency);
        const json::value shipping = known.from.object["total_shipping_price_set"]["shop_money"];
        state.shipping_minor = optional_amount({shipping, known.from.what}, "amount", known.currency);
    }
    return state;
}

std::vector<money_state> refund_states_of(const order_facts& known) {
    std::vector<money_state> states;
    for (const json::value refund : known.from.object["refunds"])
        add_refunds(refund["transactions"], known.id, states);
    return states;
}

// Successful refunds in the order's own currency: what the customer got back of what was paid.
std::int64_t refunded_of(const std::vector<money_state>& refunds, money::currency currency) {
    std::int64_t sum = 0;
    for (const money_state& refund : refunds)
        if (refund.currency == currency.code()) sum = money::add(sum, refund.cumulative_minor);
    return sum;
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

// As the tracker names it, or a shop's own code; a leading underscore hides an attribute from the customer.
std::string journey_id_of(json::value order) {
    for (const json::value attribute : order["note_attributes"]) {
        const std::string_view name = attribute["name"].text();
        const std::string_view value = attribute["value"].text();
        const bool is_named =
            name == "_attribution_journey_id" || name == "journey_id" || name == "_journey_id";
        if (is_named && is_journey_id(value)) return std::string(value);
    }
    return {};
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
std::string payload_of(const order_facts& known, std::int64_t captured_minor) {
    const json::value order = known.from.object;
    json::writer out;
    out.begin_object().key("financial_status");
    if (known.status.empty())
        out.null();
    else
        out.string(known.status);
    out.member("kind", name(money_kind::capture)).key("amount_minor").integer(captured_minor);
    out.member("currency", known.currency.code());
    out.member("total_price", money::format_minor(known.total, known.currency));
    if (const auto tax = optional_amount(known.from, "total_tax", known.currency))
        out.member("total_tax", money::format_minor(*tax, known.currency));
    out.optional_member("source_name", pii::clean_text(order["source_name"].text()));
    out.key("line_item_count").integer(static_cast<std::int64_t>(order["line_items"].size()));
    if (order["discount_codes"].size() > 0) write_discount_codes(out, order["discount_codes"]);
    out.end_object();
    return std::move(out).text();
}

}  // namespace

void read_order(json::value body, const delivery_facts& facts, event& into) {
    const order_facts known = facts_of(body);
    std::vector<money_state> refunds = refund_states_of(known);
    into.states.push_back(capture_state(known, refunded_of(refunds, known.currency)));
    into.conversion = conversion{std::string(known.id),
                                 std::string(known.occurred_at),
                                 signals_of(body, facts),
                                 payload_of(known, into.states[0].cumulative_minor),
                                 "",
                                 journey_id_of(body)};
    into.states.insert(into.states.end(), refunds.begin(), refunds.end());
}

}  // namespace attribution::providers::shopify
