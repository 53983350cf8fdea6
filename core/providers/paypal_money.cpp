#include "core/providers/paypal_money.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/errors.hpp"
#include "core/providers/body.hpp"
#include "core/providers/paypal_body.hpp"

namespace attribution::providers::paypal {

namespace {

std::string payment_key(std::string_view id) {
    return "paypal:payment:" + std::string(id);
}

money_state state_of(std::string key, money_kind kind, std::int64_t minor, const amount& in) {
    money_state state;
    state.money_key = std::move(key);
    state.kind = kind;
    state.cumulative_minor = minor;
    state.currency = in.currency.code();
    return state;
}

// When the resource was last changed. An event of an older form does not say, then it is the event's time.
std::string version_of(const telling& told) {
    return std::string(time_of(told.resource, "update_time", told.at));
}

std::int64_t absolute(std::int64_t minor) {
    return minor < 0 ? money::subtract(0, minor) : minor;
}

// The last part of a link to a sale or capture: https://api.paypal.com/v2/payments/captures/3C679366HH908993F
std::string_view linked_payment(std::string_view link) {
    const auto slash = link.rfind('/');
    if (slash == std::string_view::npos) return {};
    const std::string_view id = link.substr(slash + 1);
    const std::string_view folder = link.substr(0, slash);
    const bool is_payment =
        folder.ends_with("/captures") || folder.ends_with("/capture") || folder.ends_with("/sale");
    return is_payment && is_id(id) ? id : std::string_view{};
}

std::string_view payment_of_refund(json::value refund) {
    for (const std::string_view member : {"sale_id", "capture_id"})
        if (!refund[member].is_null()) return id_of(refund, member);
    for (const json::value link : refund["links"])
        if (link["rel"].text() == "up" || link["rel"].text() == "sale")
            if (const std::string_view id = linked_payment(link["href"].text()); !id.empty()) return id;
    return {};
}

std::string_view payment_of_dispute(json::value dispute) {
    const json::value transactions = dispute["disputed_transactions"];
    if (transactions.size() != 1) return {};
    const json::value only = *transactions.begin();
    return only["seller_transaction_id"].is_null() ? std::string_view{}
                                                   : id_of(only, "seller_transaction_id");
}

bool is_dispute(const telling& told) {
    return told.type.starts_with("CUSTOMER.DISPUTE.");
}

bool is_paid_status(json::value payment) {
    constexpr auto paid = std::to_array<std::string_view>({"completed", "partially_refunded", "refunded"});
    constexpr auto unpaid =
        std::to_array<std::string_view>({"declined", "denied", "expired", "failed", "pending", "voided"});
    const std::string status = status_of(payment);
    if (std::find(paid.begin(), paid.end(), status) != paid.end()) return true;
    if (std::find(unpaid.begin(), unpaid.end(), status) != unpaid.end()) return false;
    refuse("The payment's status is not one that is known.");
}

struct return_status {
    std::string_view name;
    bool counts;
    bool is_void;  // it was on its way, and will not come
};

// An event without a status speaks for itself.
return_status status_of_return(json::value resource) {
    constexpr auto known = std::to_array<return_status>({{"", true, false},
                                                         {"completed", true, false},
                                                         {"partially_refunded", true, false},
                                                         {"refunded", true, false},
                                                         {"reversed", true, false},
                                                         {"pending", false, false},
                                                         {"cancelled", false, true},
                                                         {"failed", false, true}});
    const std::string name = status_of(resource);
    const auto* const found =
        std::find_if(known.begin(), known.end(), [&](const return_status& s) { return s.name == name; });
    if (found == known.end()) refuse("The status of what went back is not one that is known.");
    return *found;
}

// The payment itself tells what went back as a negative amount, or that all of it did.
money_state total_of(const telling& told, money_kind kind, const amount& told_amount) {
    const return_status status = status_of_return(told.resource);
    if (told_amount.minor >= 0 && status.name != "refunded" && status.name != "reversed")
        refuse("The payment does not tell how much of it went back.");
    money_state state =
        state_of(payment_key(id_of(told.resource)), kind, absolute(told_amount.minor), told_amount);
    state.role = money_role::total;
    state.version_at = state.occurred_at = version_of(told);
    return state;
}

// What of the whole is tax or shipping.
std::optional<std::int64_t> detail_of(json::value details, std::string_view member,
                                      money::currency currency) {
    if (details[member].is_null()) return std::nullopt;
    return minor_of(details[member], member, currency);
}

struct movement {
    std::int64_t withdrawn = 0;  // from the seller
    std::int64_t returned = 0;   // to the seller
};

movement listed_movement(json::value movements, money::currency currency) {
    movement sum;
    for (const json::value one : movements) {
        if (word_of(one["affected_party"]) != "seller") continue;
        const amount moved = amount_of(one, "amount");
        if (!(moved.currency == currency)) refuse("Money of the dispute was moved in several currencies.");
        const std::string type = word_of(one["type"]);
        if (type != "debit" && type != "credit") refuse_member("type");
        std::int64_t& into = type == "debit" ? sum.withdrawn : sum.returned;
        into = money::add(into, absolute(moved.minor));
    }
    // Nothing comes back that was not taken.
    sum.returned = std::min(sum.returned, sum.withdrawn);
    return sum;
}

// Where no movements are listed: a bank has taken the money of a card's dispute at once, and gives it back
// when the seller wins; in a dispute at PayPal itself the money was only held.
movement movement_by_outcome(json::value dispute, std::int64_t disputed) {
    struct known_outcome {
        std::string_view name;
        bool is_won;
    };
    constexpr auto outcomes = std::to_array<known_outcome>({{"", false},
                                                            {"resolved_buyer_favour", false},
                                                            {"resolved_seller_favour", true},
                                                            {"resolved_with_payout", false},
                                                            {"canceled_by_buyer", true},
                                                            {"accepted", false},
                                                            {"denied", true},
                                                            {"none", false}});
    const std::string outcome = word_of(dispute["dispute_outcome"]["outcome_code"]);
    const auto* const found = std::find_if(outcomes.begin(), outcomes.end(),
                                           [&](const known_outcome& one) { return one.name == outcome; });
    if (found == outcomes.end()) refuse("The dispute's outcome is not one that is known.");
    const bool came_back = found->is_won && word_of(dispute["dispute_channel"]) == "external";
    return came_back ? movement{disputed, disputed} : movement{};
}

}  // namespace

std::string_view payment_of(const telling& told) {
    return is_dispute(told) ? payment_of_dispute(told.resource) : payment_of_refund(told.resource);
}

money_state payment_state(const telling& told) {
    const amount given = amount_of(told.resource, "amount");
    if (given.minor < 0) throw error(invalid_amount, "invalid amount", "The payment's amount is negative.");
    const bool is_paid = is_paid_status(told.resource);
    if (is_paid != told.type.ends_with(".COMPLETED"))
        refuse("The payment's status does not fit the type of the event.");
    money_state state =
        state_of(payment_key(id_of(told.resource)), money_kind::capture, is_paid ? given.minor : 0, given);
    state.version_at = version_of(told);
    state.occurred_at = time_of(told.resource, "create_time", told.at);
    if (is_paid) {
        const json::value details = told.resource["amount"]["details"];
        state.tax_minor = detail_of(details, "tax", given.currency);
        state.shipping_minor = detail_of(details, "shipping", given.currency);
    }
    return state;
}

money_state return_state(const telling& told, money_kind kind) {
    const std::string_view id = id_of(told.resource);
    const std::string_view payment = payment_of_refund(told.resource);
    const amount given = amount_of(told.resource, "amount");
    if (told.resource_type != "refund" && (payment.empty() || payment == id))
        return total_of(told, kind, given);
    if (payment.empty()) refuse("The refund names no payment.");
    const std::string_view name = kind == money_kind::refund ? "paypal:refund:" : "paypal:reversal:";
    const return_status status = status_of_return(told.resource);
    const std::int64_t minor = absolute(given.minor);
    money_state state = state_of(std::string(name) + std::string(id), kind, status.counts ? minor : 0, given);
    state.parent = payment_key(payment);
    state.role = money_role::part;
    if (status.is_void) state.gross_minor = minor;
    state.version_at = version_of(told);
    state.occurred_at = time_of(told.resource, "create_time", told.at);
    return state;
}

std::vector<money_state> dispute_states(const telling& told) {
    if (told.type != "CUSTOMER.DISPUTE.RESOLVED") return {};
    const amount disputed = amount_of(told.resource, "dispute_amount");
    const json::value listed = told.resource["money_movements"];
    const movement moved = listed.size() > 0 ? listed_movement(listed, disputed.currency)
                                             : movement_by_outcome(told.resource, absolute(disputed.minor));
    money_state back = state_of("paypal:dispute:" + std::string(id_of(told.resource, "dispute_id")),
                                money_kind::chargeback_reversal, moved.returned, disputed);
    back.version_at = back.occurred_at = version_of(told);
    const std::string_view payment = payment_of_dispute(told.resource);
    if (payment.empty()) return {std::move(back)};
    back.parent = payment_key(payment);
    if (moved.returned == 0) return {std::move(back)};
    // The reversal by which it went may have been lost; when it was told, it explains this.
    money_state away = state_of(back.parent, money_kind::chargeback, moved.withdrawn, disputed);
    away.role = money_role::total;
    away.version_at = away.occurred_at = back.version_at;
    return {std::move(away), std::move(back)};
}

}  // namespace attribution::providers::paypal
