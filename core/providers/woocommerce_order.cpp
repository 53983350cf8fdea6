#include "core/providers/woocommerce_order.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "core/json/writer.hpp"
#include "core/money/money.hpp"
#include "core/pii/detect.hpp"
#include "core/providers/members.hpp"
#include "core/providers/timestamp.hpp"
#include "core/providers/woocommerce_visit.hpp"

namespace attribution::providers::woocommerce {

namespace {

constexpr std::size_t longest_word = 40;

struct order_facts {
    shaped from;
    std::string key;
    std::string_view id;
    std::string_view status;
    money::currency currency;
    std::int64_t total;
    bool was_paid;
    std::string occurred_at;
    std::string version_at;
};

// WooCommerce writes UTC without a zone.
std::string time_of(const shaped& from, std::string_view member) {
    std::string time(text_of(from, member));
    time += 'Z';
    if (!is_timestamp(time)) refuse_member(from, member);
    return time;
}

bool was_paid(const shaped& order, std::string_view status) {
    const json::value date = order.object["date_paid_gmt"];
    if (!date.exists()) refuse_member(order, "date_paid_gmt");
    if (!date.is_null()) return true;
    // The gateway "cash on delivery" has an order processed unpaid, and lets it be paid when it is completed.
    if (status == "processing") return order.object["payment_method"].text() != "cod";
    return status == "completed" || status == "refunded";
}

order_facts facts_of(json::value body, std::string_view store) {
    const shaped order{body, "an order"};
    const std::string_view id = id_of(order);
    const std::string_view status = text_of(order, "status");
    if (status.empty()) refuse_member(order, "status");
    if (!body["refunds"].is_array()) refuse_member(order, "refunds");
    if (!body["total"].exists()) refuse_member(order, "total");
    const std::string version_at = time_of(order, "date_modified_gmt");
    const bool has_date = !body["date_paid_gmt"].is_null();
    const std::string occurred_at = time_of(order, has_date ? "date_paid_gmt" : "date_created_gmt");
    const money::currency currency = currency_of(order);
    return {order,
            order_key(store, id),
            id,
            status,
            currency,
            unsigned_amount_of(order, "total", currency),
            was_paid(order, status),
            occurred_at,
            version_at};
}

money_state state_of(const order_facts& known, money_kind kind, std::int64_t amount) {
    money_state state;
    state.money_key = known.key;
    state.kind = kind;
    state.cumulative_minor = amount;
    state.currency = known.currency.code();
    state.version_at = known.version_at;
    state.occurred_at = kind == money_kind::capture ? known.occurred_at : known.version_at;
    return state;
}

// The time of a refund is not told: it is dated by the delivery that tells it first.
money_state refund_state(const order_facts& known, json::value refund, std::string_view store) {
    const shaped from{refund, "a refund"};
    const std::int64_t total = amount_of(from, "total", known.currency);
    if (total > 0) throw error(invalid_amount, "invalid amount", "The total of a refund is not negative.");
    money_state state = state_of(known, money_kind::refund, money::subtract(0, total));
    state.money_key = "woocommerce:" + std::string(store) + ":refund:" + std::string(id_of(from));
    state.parent = known.key;
    state.role = money_role::part;
    return state;
}

std::vector<money_state> refund_states(const order_facts& known, std::string_view store) {
    std::vector<money_state> states;
    for (const json::value refund : known.from.object["refunds"])
        states.push_back(refund_state(known, refund, store));
    return states;
}

std::int64_t sum_of(const std::vector<money_state>& states) {
    std::int64_t sum = 0;
    for (const money_state& state : states) sum = money::add(sum, state.cumulative_minor);
    return sum;
}

money_state capture_state(const order_facts& known, std::int64_t refunded) {
    money_state state =
        state_of(known, money_kind::capture, std::max(known.was_paid ? known.total : 0, refunded));
    // total_tax has the tax of shipping in it, so shipping is told without: the two never overlap.
    if (state.cumulative_minor == known.total) {
        state.tax_minor = optional_amount(known.from, "total_tax", known.currency);
        state.shipping_minor = optional_amount(known.from, "shipping_total", known.currency);
    }
    return state;
}

// A slug: a status, which plugins add to, or the name of a gateway.
std::string_view word_of(json::value text) {
    const std::string_view word = text.text();
    const bool sound =
        text.is_string() && word.size() <= longest_word &&
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos &&
        !pii::find(word);
    return sound ? word : std::string_view{};
}

// What reports may want beside the money, and nothing that a customer or the staff wrote.
std::string payload_of(const order_facts& known, std::int64_t captured_minor) {
    const json::value order = known.from.object;
    json::writer out;
    out.begin_object().member("kind", name(money_kind::capture)).key("amount_minor").integer(captured_minor);
    out.member("currency", known.currency.code()).optional_member("status", word_of(order["status"]));
    out.member("total", money::format_minor(known.total, known.currency));
    if (const auto tax = optional_amount(known.from, "total_tax", known.currency))
        out.member("total_tax", money::format_minor(*tax, known.currency));
    out.optional_member("payment_method", word_of(order["payment_method"]));
    out.optional_member("source_type", source_type_of(order));
    out.optional_member("device_type", device_type_of(order));
    out.key("line_item_count").integer(static_cast<std::int64_t>(order["line_items"].size()));
    out.end_object();
    return std::move(out).text();
}

}  // namespace

std::string order_key(std::string_view store, std::string_view order_id) {
    return "woocommerce:" + std::string(store) + ":order:" + std::string(order_id);
}

void read_order(json::value body, std::string_view store, event& into) {
    const order_facts known = facts_of(body, store);
    const std::vector<money_state> refunds = refund_states(known, store);
    const std::int64_t refunded = sum_of(refunds);
    const money_state& captured = into.states.emplace_back(capture_state(known, refunded));
    into.conversion = conversion{known.key,
                                 known.occurred_at,
                                 signals_of(body, store),
                                 payload_of(known, captured.cumulative_minor),
                                 std::string(known.id),
                                 journey_id_of(body),
                                 transaction_ref_of(body["transaction_id"].text())};
    const bool all_came_back = known.status == "refunded";
    if (!all_came_back && refunds.empty()) return;
    money_state total =
        state_of(known, money_kind::refund, all_came_back ? captured.cumulative_minor : refunded);
    total.role = money_role::total;
    into.states.push_back(std::move(total));
    into.states.insert(into.states.end(), refunds.begin(), refunds.end());
}

}  // namespace attribution::providers::woocommerce
