#include "core/providers/shopify_dispute.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/json/writer.hpp"
#include "core/providers/shopify_body.hpp"
#include "core/providers/timestamp.hpp"

namespace attribution::providers::shopify {

namespace {

// In the order in which a dispute passes through them; the position is the version's rank. What was prevented
// never became a chargeback.
constexpr auto statuses = std::to_array<std::string_view>(
    {"needs_response", "under_review", "charge_refunded", "accepted", "lost", "won", "prevented"});
constexpr auto reasons = std::to_array<std::string_view>(
    {"bank_cannot_process", "bank_not_process", "credit_not_processed", "customer_initiated",
     "debit_not_authorized", "duplicate", "fraudulent", "general", "incorrect_account_details",
     "insufficient_funds", "noncompliant", "product_not_received", "product_unacceptable",
     "subscription_canceled", "subscription_cancelled", "unrecognized"});

struct dispute {
    std::string_view id;
    std::string_view order_id;  // empty: not of an order
    bool is_chargeback;         // else an inquiry
    int rank;
    std::string_view status;
    money::currency currency;
    std::int64_t amount;
    std::string_view initiated_at;
    std::string_view last_at;  // when it was finalised, else initiated
};

dispute dispute_of(json::value body) {
    const shaped from{body, "a dispute"};
    const std::string_view id = id_of(from);
    const std::string_view type = text_of(from, "type");
    if (type != "chargeback" && type != "inquiry") refuse_member(from, "type");
    const std::string_view status = text_of(from, "status");
    const auto* const known = std::find(statuses.begin(), statuses.end(), status);
    if (known == statuses.end()) refuse_member(from, "status");
    const std::string_view order_id =
        body["order_id"].is_null() ? std::string_view{} : id_of(from, "order_id");
    const std::string_view initiated_at = time_of(from, "initiated_at");
    // It may be a date alone, which tells no order.
    const std::string_view finalized_on = body["finalized_on"].text();
    const money::currency currency = currency_of(from);
    return {id,
            order_id,
            type == "chargeback",
            static_cast<int>(known - statuses.begin()),
            status,
            currency,
            unsigned_amount_of(from, "amount", currency),
            initiated_at,
            is_timestamp(finalized_on) ? finalized_on : initiated_at};
}

money_state state_of(const dispute& of, money_kind kind, std::int64_t amount) {
    money_state state;
    state.money_key = "shopify:dispute:" + std::string(of.id);
    state.kind = kind;
    state.cumulative_minor = amount;
    state.currency = of.currency.code();
    state.version_at = ranked_time(of.last_at, of.rank);
    state.occurred_at = kind == money_kind::chargeback ? of.initiated_at : of.last_at;
    if (!of.order_id.empty()) state.parent = order_key(of.order_id);
    return state;
}

std::string payload_of(const dispute& of, std::string_view reason) {
    json::writer out;
    out.begin_object().member("kind", of.is_chargeback ? name(money_kind::chargeback) : "inquiry");
    out.member("dispute_id", of.id).optional_member("order_id", of.order_id).member("status", of.status);
    if (std::find(reasons.begin(), reasons.end(), reason) != reasons.end()) out.member("reason", reason);
    out.key("amount_minor").integer(of.amount).member("currency", of.currency.code()).end_object();
    return std::move(out).text();
}

}  // namespace

void read_dispute(json::value body, const delivery_facts&, event& into) {
    const dispute read = dispute_of(body);
    if (read.is_chargeback) {
        const bool won = read.status == "won";
        const bool taken = read.status != "prevented";
        into.states.push_back(state_of(read, money_kind::chargeback, taken ? read.amount : 0));
        into.states.push_back(state_of(read, money_kind::chargeback_reversal, won ? read.amount : 0));
    }
    into.notice = notice{std::string(read.last_at), payload_of(read, body["reason"].text()),
                         std::string(read.order_id)};
}

}  // namespace attribution::providers::shopify
