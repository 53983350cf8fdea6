#include "core/providers/stripe.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/providers/body.hpp"
#include "core/providers/stripe_body.hpp"
#include "core/providers/stripe_money.hpp"
#include "core/providers/stripe_visit.hpp"

namespace attribution::providers::stripe {

namespace {

// The first version of the API that does not call a released authorisation a refund.
constexpr std::string_view releases_apart = "2025-03-31";

// What of an event is stored beside its money, and nothing that a customer or the merchant wrote.
struct summary {
    money_kind kind;
    std::optional<std::int64_t> amount_minor;  // none when no money belongs to it
    std::string currency;
    std::string reason;  // of a dispute
};

summary summary_of(const money_state& state) {
    return {state.kind, state.cumulative_minor, state.currency, {}};
}

std::string payload_of(const telling& told, const summary& about, bool other_account) {
    json::writer out;
    out.begin_object().member("object_id", id_of(told.object));
    out.member("kind", name(about.kind));
    if (about.amount_minor) out.key("amount_minor").integer(*about.amount_minor);
    out.optional_member("currency", about.currency);
    out.optional_member("status", word_of(told.object["status"]));
    out.optional_member("payment_status", word_of(told.object["payment_status"]));
    out.optional_member("reason", about.reason);
    if (other_account) out.key("other_account").boolean(true);
    out.end_object();
    return std::move(out).text();
}

// The charge of a payment that is known by its intent: shops name either.
std::string charge_of(json::value object, std::string_view sale_id) {
    const std::string_view kind = object["object"].text();
    const json::value charge = kind == "charge"           ? object
                               : kind == "payment_intent" ? object["latest_charge"]
                                                          : object["charge"];
    const std::string_view id = charge.is_object() ? charge["id"].text() : charge.text();
    return id == sale_id ? std::string{} : transaction_ref_of(id);
}

void add_conversion(const telling& told, std::string_view sale_id, const summary& about, event& into) {
    into.conversion =
        conversion{std::string(sale_id),           time_text(seconds_of(told.object, "created")),
                   signals_of(told.object),        payload_of(told, about, into.other_account),
                   order_ref_of(told.object),      journey_id_of(told.object),
                   charge_of(told.object, sale_id)};
}

void add_notice(const telling& told, std::string_view sale_id, const summary& about, event& into) {
    into.notice = notice{time_text(told.at), payload_of(told, about, into.other_account),
                         order_ref_of(told.object), std::string(sale_id), charge_of(told.object, sale_id)};
}

void read_charge(const telling& told, event& into) {
    into.states = charge_states(told);
    const sale of = sale_of(told.object);
    if (told.type == "charge.refunded")
        add_notice(told, of.id, summary_of(into.states.at(1)), into);
    else
        add_conversion(told, of.id, summary_of(into.states.at(0)), into);
}

void read_intent(const telling& told, event& into) {
    into.states = {intent_state(told)};
    add_conversion(told, id_of(told.object), summary_of(into.states[0]), into);
}

void read_session(const telling& told, event& into) {
    if (auto state = session_state(told)) into.states.push_back(std::move(*state));
    const std::string_view intent = reference(told.object, "payment_intent");
    const summary about =
        into.states.empty() ? summary{money_kind::capture, {}, {}, {}} : summary_of(into.states[0]);
    add_conversion(told, intent.empty() ? id_of(told.object) : intent, about, into);
}

void read_refund(const telling& told, event& into) {
    into.states = {refund_state(told)};
    summary about = summary_of(into.states[0]);
    // Its own amount, also when it does not count: the status tells.
    about.amount_minor = amount_of(told.object, "amount", currency_of(told.object));
    add_notice(told, sale_of(told.object).id, about, into);
}

constexpr auto dispute_reasons = std::to_array<std::string_view>(
    {"bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated",
     "debit_not_authorized", "duplicate", "fraudulent", "general", "incorrect_account_details",
     "insufficient_funds", "noncompliant", "product_not_received", "product_unacceptable",
     "subscription_canceled", "unrecognized"});

std::string_view reason_of(json::value dispute) {
    const auto* const known =
        std::find(dispute_reasons.begin(), dispute_reasons.end(), dispute["reason"].text());
    return known == dispute_reasons.end() ? std::string_view{} : *known;
}

void read_dispute(const telling& told, event& into) {
    into.states = dispute_states(told);
    const money::currency currency = currency_of(told.object);
    const summary about{money_kind::chargeback, amount_of(told.object, "amount", currency),
                        std::string(currency.code()), std::string(reason_of(told.object))};
    add_notice(told, sale_of(told.object).id, about, into);
}

struct known_type {
    std::string_view name;
    std::string_view object;  // what it tells of
    void (*read)(const telling&, event&);
};

constexpr auto known_types = std::to_array<known_type>({
    {"charge.captured", "charge", &read_charge},
    {"charge.dispute.closed", "dispute", &read_dispute},
    {"charge.dispute.created", "dispute", &read_dispute},
    {"charge.dispute.funds_reinstated", "dispute", &read_dispute},
    {"charge.dispute.funds_withdrawn", "dispute", &read_dispute},
    {"charge.dispute.updated", "dispute", &read_dispute},
    {"charge.refund.updated", "refund", &read_refund},
    {"charge.refunded", "charge", &read_charge},
    {"charge.succeeded", "charge", &read_charge},
    {"checkout.session.async_payment_failed", "checkout.session", &read_session},
    {"checkout.session.async_payment_succeeded", "checkout.session", &read_session},
    {"checkout.session.completed", "checkout.session", &read_session},
    {"payment_intent.succeeded", "payment_intent", &read_intent},
    {"refund.created", "refund", &read_refund},
    {"refund.failed", "refund", &read_refund},
    {"refund.updated", "refund", &read_refund},
});

const known_type* find_type(std::string_view name) {
    const auto* const found = std::find_if(known_types.begin(), known_types.end(),
                                           [name](const known_type& one) { return one.name == name; });
    return found == known_types.end() ? nullptr : found;
}

// Only accounts of Stripe can be compared: an endpoint may name its account as people call it.
bool is_other_account(json::value envelope, const delivery_facts& facts) {
    const std::string_view account = envelope["account"].text();
    return !account.empty() && facts.account.starts_with("acct_") && account != facts.account;
}

}  // namespace

event translate(const delivery_facts& facts, std::string_view body) {
    const json::document document = read_body(body);
    const json::value envelope = document.root();
    if (envelope["object"].text() != "event") refuse("The body is not an event of Stripe.");
    delivery_facts as_signed = facts;
    as_signed.delivery_key = id_of(envelope);
    as_signed.topic = text_of(envelope, "type");
    const json::value object = envelope["data"]["object"];
    if (!object.is_object()) refuse("The event has no object.");
    if (envelope["livemode"].kind() != json::kind::boolean)
        refuse("Member \"livemode\" is neither true nor false.");
    const std::string_view version = envelope["api_version"].text();
    const telling told{as_signed.topic, object, seconds_of(envelope, "created"),
                       !version.empty() && version < releases_apart};

    event result;
    result.delivery = make_delivery(as_signed);
    result.other_account = is_other_account(envelope, facts);
    const known_type* const type = find_type(told.type);
    if (!envelope["livemode"].is_true()) {
        result.ignored = ignore_reason::test_mode;
    } else if (type == nullptr) {
        result.ignored = ignore_reason::unknown_topic;
    } else {
        if (object["object"].text() != type->object) refuse("The event's object does not fit its type.");
        type->read(told, result);
    }
    return result;
}

}  // namespace attribution::providers::stripe
