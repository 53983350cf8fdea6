#include "core/providers/shopify_refund.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/json/writer.hpp"
#include "core/providers/shopify_body.hpp"

namespace attribution::providers::shopify {

namespace {

// https://shopify.dev/docs/api/admin-rest/latest/resources/transaction
constexpr auto kinds =
    std::to_array<std::string_view>({"authorization", "capture", "change", "emv_authorization", "refund",
                                     "sale", "suggested_refund", "void"});
constexpr auto statuses = std::to_array<std::string_view>(
    {"success", "pending", "failure", "error", "awaiting_response", "unknown"});

template <class Words>
std::string_view one_of(const Words& known, const shaped& from, std::string_view member) {
    const std::string_view word = text_of(from, member);
    if (std::find(known.begin(), known.end(), word) == known.end()) refuse_member(from, member);
    return word;
}

struct transaction {
    std::string_view id;
    std::string_view kind;
    std::string_view status;
    money::currency currency;
    std::int64_t amount;
    std::string_view at;
};

transaction transaction_of(json::value body) {
    const shaped from{body, "a transaction"};
    const std::string_view id = id_of(from);
    const std::string_view kind = one_of(kinds, from, "kind");
    const std::string_view status = one_of(statuses, from, "status");
    const std::string_view at = time_of(from, "processed_at", "created_at");
    const money::currency currency = currency_of(from);
    return {id, kind, status, currency, unsigned_amount_of(from, "amount", currency), at};
}

// Transactions are not versioned; at the same time the larger amount counts, so a success outranks what was
// pending before it.
void add_refund(const transaction& of, std::string_view order_id, std::vector<money_state>& states) {
    money_state state;
    state.money_key = "shopify:transaction:" + std::string(of.id);
    state.kind = money_kind::refund;
    state.cumulative_minor = of.status == "success" ? of.amount : 0;
    state.currency = of.currency.code();
    state.version_at = state.occurred_at = of.at;
    state.parent = order_key(order_id);
    const auto same = std::find_if(states.begin(), states.end(), [&](const money_state& other) {
        return other.money_key == state.money_key && other.kind == state.kind;
    });
    if (same == states.end()) states.push_back(std::move(state));
}

std::string payload_of_refund(std::string_view refund_id, std::string_view order_id,
                              const std::vector<money_state>& states) {
    json::writer out;
    out.begin_object().member("kind", name(money_kind::refund));
    out.member("refund_id", refund_id).member("order_id", order_id);
    const bool one_currency =
        !states.empty() && std::all_of(states.begin(), states.end(), [&](const money_state& s) {
            return s.currency == states[0].currency;
        });
    if (one_currency) {
        std::int64_t sum = 0;
        for (const money_state& state : states) sum = money::add(sum, state.cumulative_minor);
        out.key("amount_minor").integer(sum).member("currency", states[0].currency);
    }
    out.end_object();
    return std::move(out).text();
}

std::string payload_of_transaction(const transaction& of, std::string_view order_id) {
    json::writer out;
    out.begin_object().member("kind", of.kind).member("status", of.status);
    out.member("transaction_id", of.id).member("order_id", order_id);
    out.key("amount_minor").integer(of.amount).member("currency", of.currency.code());
    out.end_object();
    return std::move(out).text();
}

}  // namespace

void add_refunds(json::value transactions, std::string_view order_id, std::vector<money_state>& states) {
    if (!transactions.is_null() && !transactions.is_array())
        refuse_member({transactions, "a refund"}, "transactions");
    for (const json::value one : transactions) {
        const transaction read = transaction_of(one);
        if (read.kind == "refund" && !one["test"].is_true()) add_refund(read, order_id, states);
    }
}

void read_refund(json::value body, const delivery_facts&, event& into) {
    const shaped refund{body, "a refund"};
    const std::string_view id = id_of(refund);
    const std::string_view order_id = id_of(refund, "order_id");
    if (!body["transactions"].is_array()) refuse_member(refund, "transactions");
    const std::string_view at = time_of(refund, "processed_at", "created_at");
    add_refunds(body["transactions"], order_id, into.states);
    into.notice =
        notice{std::string(at), payload_of_refund(id, order_id, into.states), std::string(order_id)};
}

void read_transaction(json::value body, const delivery_facts&, event& into) {
    const transaction read = transaction_of(body);
    const std::string_view order_id = id_of({body, "a transaction"}, "order_id");
    if (read.kind == "refund") add_refund(read, order_id, into.states);
    // Where the gateway is known by its own ids, such as PayPal, this is its id of the payment.
    into.notice = notice{std::string(read.at), payload_of_transaction(read, order_id), std::string(order_id),
                         std::string(order_id), transaction_ref_of(body["authorization"].text())};
}

bool has_test_transaction(json::value body) {
    for (const json::value one : body["transactions"])  // NOLINT(readability-use-anyofallof): no std iterator
        if (one["test"].is_true()) return true;
    return false;
}

}  // namespace attribution::providers::shopify
