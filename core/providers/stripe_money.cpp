#include "core/providers/stripe_money.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/providers/body.hpp"
#include "core/providers/stripe_body.hpp"

namespace attribution::providers::stripe {

namespace {

money_state state_of(const sale& of, money_kind kind, std::int64_t amount, money::currency currency) {
    money_state state;
    state.money_key = of.money_key;
    state.kind = kind;
    state.cumulative_minor = amount;
    state.currency = currency.code();
    return state;
}

// A capture is dated by its object, which says when the customer paid, and versioned by the event.
money_state capture_state(const telling& told, const sale& of, std::int64_t amount,
                          money::currency currency) {
    money_state state = state_of(of, money_kind::capture, amount, currency);
    state.version_at = time_text(told.at);
    state.occurred_at = time_text(seconds_of(told.object, "created"));
    return state;
}

// The charge's amount_captured, 0 while nothing is; older versions of the API say null when an authorisation
// was given up.
std::int64_t captured(json::value charge, money::currency currency) {
    const std::string_view status = text_of(charge, "status");
    if (status == "pending" || status == "failed") return 0;
    if (status != "succeeded") refuse("The charge's status is not one that is known.");
    if (charge["amount_captured"].is_null() && !charge["captured"].is_true()) return 0;
    return amount_of(charge, "amount_captured", currency);
}

// What was authorised but not taken, when it stands in amount_refunded.
std::int64_t released(const telling& told, std::int64_t taken, money::currency currency) {
    if (!told.releases_are_refunds) return 0;
    return std::max<std::int64_t>(amount_of(told.object, "amount", currency) - taken, 0);
}

// Money that was never taken cannot come back, whatever amount_refunded says.
money_state refund_total(const telling& told, const sale& of, std::int64_t taken, money::currency currency) {
    std::int64_t refunded = amount_of(told.object, "amount_refunded", currency);
    const std::int64_t left = released(told, taken, currency);
    // Less than that: the merchant has asked for the newer behaviour by a header of its own.
    if (refunded >= left) refunded -= left;
    money_state state = state_of(of, money_kind::refund, std::min(refunded, taken), currency);
    state.role = money_role::total;
    state.version_at = state.occurred_at = time_text(told.at);
    return state;
}

struct refund_status {
    std::string_view name;
    int rank;      // orders what one second holds
    bool counts;   // Stripe takes the money when a refund is made
    bool is_void;  // it counted, and does no longer
};

refund_status status_of(json::value refund) {
    constexpr auto known = std::to_array<refund_status>({{"pending", 0, true, false},
                                                         {"requires_action", 1, false, false},
                                                         {"succeeded", 2, true, false},
                                                         {"failed", 3, false, true},
                                                         {"canceled", 3, false, true}});
    const std::string_view name = text_of(refund, "status");
    const auto* const found =
        std::find_if(known.begin(), known.end(), [name](const refund_status& s) { return s.name == name; });
    if (found == known.end()) refuse("The refund's status is not one that is known.");
    return *found;
}

// An authorisation that was given up moved no money, so it has no balance transaction either.
bool is_release(const telling& told, json::value refund) {
    const json::value transaction = refund["balance_transaction"];
    return told.releases_are_refunds && transaction.exists() && transaction.is_null() &&
           refund["status"].text() == "succeeded";
}

money_state part_of(const telling& told, json::value refund, const sale& of) {
    const money::currency currency = currency_of(refund);
    const std::int64_t amount = amount_of(refund, "amount", currency);
    const refund_status status = status_of(refund);
    const bool counts = status.counts && !is_release(told, refund);
    money_state state = state_of(of, money_kind::refund, counts ? amount : 0, currency);
    state.money_key = "stripe:refund:" + std::string(id_of(refund));
    state.parent = of.money_key;
    state.role = money_role::part;
    if (status.is_void) state.gross_minor = amount;
    state.version_at = time_text(told.at, status.rank);
    state.occurred_at = time_text(seconds_of(refund, "created"));
    return state;
}

// What of the whole is tax or shipping.
std::optional<std::int64_t> detail_of(json::value session, std::string_view member,
                                      money::currency currency) {
    const json::value details = session["total_details"];
    if (details[member].is_null()) return std::nullopt;
    return amount_of(details, member, currency);
}

// What became of a dispute's money, which was withdrawn. A later event of the same second has the higher
// rank.
struct movement {
    bool reinstated;
    int rank;
};

std::optional<movement> movement_of(const telling& told) {
    if (told.type == "charge.dispute.funds_withdrawn") return movement{false, 0};
    if (told.type == "charge.dispute.funds_reinstated") return movement{true, 1};
    if (told.type != "charge.dispute.closed") return std::nullopt;
    const std::string_view status = text_of(told.object, "status");
    if (status == "lost") return movement{false, 2};
    // What was withdrawn comes back with a win; an inquiry withdraws nothing.
    const bool has_moved = told.object["balance_transactions"].size() > 0;
    if (status == "won") return has_moved ? std::optional(movement{true, 2}) : std::nullopt;
    if (status == "warning_closed" || status == "prevented") return std::nullopt;
    refuse("The closed dispute's status is not one that is known.");
}

}  // namespace

sale sale_of_intent(std::string_view id) {
    return {std::string(id), "stripe:payment_intent:" + std::string(id)};
}

sale sale_of(json::value object) {
    const json::value charge = object["object"].text() == "charge" ? object : object["charge"];
    for (const json::value teller : {object, charge})
        if (const std::string_view intent = reference(teller, "payment_intent"); !intent.empty())
            return sale_of_intent(intent);
    const std::string_view id = charge.is_object() ? id_of(charge) : id_of(object, "charge");
    return {std::string(id), "stripe:charge:" + std::string(id)};
}

std::vector<money_state> charge_states(const telling& told) {
    const json::value charge = told.object;
    const sale of = sale_of(charge);
    const money::currency currency = currency_of(charge);
    const std::int64_t taken = captured(charge, currency);
    std::vector<money_state> states{capture_state(told, of, taken, currency)};
    if (charge["amount_refunded"].is_null() && told.type != "charge.refunded") return states;
    states.push_back(refund_total(told, of, taken, currency));
    // One of the refunds may be the release of what was not taken, and nothing tells which: the total does.
    if (released(told, taken, currency) > 0) return states;
    for (const json::value refund : charge["refunds"]["data"]) states.push_back(part_of(told, refund, of));
    return states;
}

money_state intent_state(const telling& told) {
    const money::currency currency = currency_of(told.object);
    return capture_state(told, sale_of_intent(id_of(told.object)),
                         amount_of(told.object, "amount_received", currency), currency);
}

std::optional<money_state> session_state(const telling& told) {
    const json::value session = told.object;
    const std::string_view mode = text_of(session, "mode");
    const std::string_view status = text_of(session, "payment_status");
    const std::string_view intent = reference(session, "payment_intent");
    if (mode != "payment" && mode != "setup" && mode != "subscription")
        refuse("The session's mode is not one that is known.");
    if (status != "paid" && status != "unpaid" && status != "no_payment_required")
        refuse("The session's payment_status is not one that is known.");
    if (mode != "payment" || intent.empty() || status == "no_payment_required") return std::nullopt;

    const money::currency currency = currency_of(session);
    const bool paid = status == "paid";
    money_state state = capture_state(told, sale_of_intent(intent),
                                      paid ? amount_of(session, "amount_total", currency) : 0, currency);
    if (paid) {
        state.tax_minor = detail_of(session, "amount_tax", currency);
        state.shipping_minor = detail_of(session, "amount_shipping", currency);
    }
    return state;
}

money_state refund_state(const telling& told) {
    return part_of(told, told.object, sale_of(told.object));
}

std::vector<money_state> dispute_states(const telling& told) {
    const std::optional<movement> moved = movement_of(told);
    if (!moved) return {};
    const money::currency currency = currency_of(told.object);
    const std::int64_t amount = amount_of(told.object, "amount", currency);
    money_state back = state_of(sale_of(told.object), money_kind::chargeback_reversal,
                                moved->reinstated ? amount : 0, currency);
    back.parent = std::exchange(back.money_key, "stripe:dispute:" + std::string(id_of(told.object)));
    back.version_at = time_text(told.at, moved->rank);
    back.occurred_at = time_text(told.at);
    money_state away = back;
    away.kind = money_kind::chargeback;
    away.cumulative_minor = amount;
    away.occurred_at = time_text(seconds_of(told.object, "created"));
    return {std::move(away), std::move(back)};
}

}  // namespace attribution::providers::stripe
