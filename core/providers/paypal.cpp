#include "core/providers/paypal.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/channels/glob.hpp"
#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/providers/body.hpp"
#include "core/providers/paypal_body.hpp"
#include "core/providers/paypal_money.hpp"
#include "core/providers/reference.hpp"

namespace attribution::providers::paypal {

namespace {

// The members in which a merchant names an order, or says what else he wants told again.
struct references {
    std::string_view invoice;
    std::string_view custom;

    std::string order_ref() const {
        const std::string order = clean_order_ref(invoice);
        return order.empty() ? clean_order_ref(custom) : order;
    }
};

references references_of(json::value from) {
    const auto either = [&](std::string_view name, std::string_view older_name) {
        const std::string_view text = from[name].text();
        return text.empty() ? from[older_name].text() : text;
    };
    return {either("invoice_id", "invoice_number"), either("custom_id", "custom")};
}

channels::signals signals_of(std::string_view custom) {
    const std::vector<pii::url_parameter> parameters = reference_parameters(custom);
    std::vector<visit_attribute> attributes;
    attributes.reserve(parameters.size());
    for (const auto& [name, value] : parameters) attributes.push_back({name, value});
    return attribute_signals(std::move(attributes));
}

// What of an event is stored beside its money, and nothing that a customer or the merchant wrote.
struct summary {
    std::string_view object_id;
    money_kind kind;
    std::int64_t amount_minor;
    std::string_view currency;
    std::string_view status;
};

void write_summary(const summary& about, json::writer& out) {
    out.member("object_id", about.object_id).member("kind", name(about.kind));
    out.key("amount_minor").integer(about.amount_minor).member("currency", about.currency);
    out.optional_member("status", about.status);
}

std::string payload_of(const summary& about) {
    json::writer out;
    out.begin_object();
    write_summary(about, out);
    out.end_object();
    return std::move(out).text();
}

void read_payment(const telling& told, event& into) {
    into.states = {payment_state(told)};
    const money_state& state = into.states[0];
    const std::string_view id = id_of(told.resource);
    const references given = references_of(told.resource);
    const std::string payload =
        payload_of({id, state.kind, state.cumulative_minor, state.currency, status_of(told.resource)});
    into.conversion = conversion{std::string(id), state.occurred_at, signals_of(given.custom),
                                 payload,         given.order_ref(), reference_journey_id(given.custom)};
}

void read_return(const telling& told, money_kind kind, event& into) {
    into.states = {return_state(told, kind)};
    const money_state& state = into.states[0];
    const std::string_view id = id_of(told.resource);
    const std::string_view payment = state.role == money_role::total ? id : payment_of(told);
    // Its own amount, also when it does not count: the status tells.
    const std::int64_t minor = state.gross_minor.value_or(state.cumulative_minor);
    into.notice =
        notice{state.occurred_at, payload_of({id, kind, minor, state.currency, status_of(told.resource)}),
               references_of(told.resource).order_ref(), std::string(payment)};
}

void read_refund(const telling& told, event& into) {
    read_return(told, money_kind::refund, into);
}

void read_reversal(const telling& told, event& into) {
    read_return(told, money_kind::chargeback, into);
}

constexpr auto dispute_words = std::to_array<std::string_view>({"accepted",
                                                                "arbitration",
                                                                "canceled_by_buyer",
                                                                "canceled_recurring_billing",
                                                                "chargeback",
                                                                "credit_not_processed",
                                                                "denied",
                                                                "duplicate_transaction",
                                                                "external",
                                                                "incorrect_amount",
                                                                "inquiry",
                                                                "internal",
                                                                "merchandise_or_service_not_as_described",
                                                                "merchandise_or_service_not_received",
                                                                "none",
                                                                "open",
                                                                "other",
                                                                "payment_by_other_means",
                                                                "pre_arbitration",
                                                                "problem_with_remittance",
                                                                "resolved",
                                                                "resolved_buyer_favour",
                                                                "resolved_seller_favour",
                                                                "resolved_with_payout",
                                                                "unauthorised",
                                                                "under_review",
                                                                "waiting_for_buyer_response",
                                                                "waiting_for_seller_response"});

std::string_view dispute_word(json::value text) {
    const std::string word = word_of(text);
    const auto* const known = std::find(dispute_words.begin(), dispute_words.end(), word);
    return known == dispute_words.end() ? std::string_view{} : *known;
}

void read_dispute(const telling& told, event& into) {
    const json::value dispute = told.resource;
    into.states = dispute_states(told);
    const amount disputed = amount_of(dispute, "dispute_amount");
    json::writer out;
    out.begin_object();
    write_summary({id_of(dispute, "dispute_id"), money_kind::chargeback, disputed.minor,
                   disputed.currency.code(), dispute_word(dispute["status"])},
                  out);
    out.optional_member("reason", dispute_word(dispute["reason"]));
    out.optional_member("stage", dispute_word(dispute["dispute_life_cycle_stage"]));
    out.optional_member("outcome", dispute_word(dispute["dispute_outcome"]["outcome_code"]));
    out.end_object();
    const json::value transactions = dispute["disputed_transactions"];
    const references given = transactions.size() == 1 ? references_of(*transactions.begin()) : references{};
    into.notice = notice{std::string(time_of(dispute, "update_time", told.at)), std::move(out).text(),
                         given.order_ref(), std::string(payment_of(told))};
}

struct known_type {
    std::string_view name;
    std::string_view resource;  // what it tells of
    std::string_view or_resource;
    void (*read)(const telling&, event&);
};

constexpr auto known_types = std::to_array<known_type>({
    {"CUSTOMER.DISPUTE.CREATED", "dispute", "dispute", &read_dispute},
    {"CUSTOMER.DISPUTE.RESOLVED", "dispute", "dispute", &read_dispute},
    {"CUSTOMER.DISPUTE.UPDATED", "dispute", "dispute", &read_dispute},
    {"PAYMENT.CAPTURE.COMPLETED", "capture", "capture", &read_payment},
    {"PAYMENT.CAPTURE.DENIED", "capture", "capture", &read_payment},
    {"PAYMENT.CAPTURE.PENDING", "capture", "capture", &read_payment},
    {"PAYMENT.CAPTURE.REFUNDED", "refund", "capture", &read_refund},
    {"PAYMENT.CAPTURE.REVERSED", "refund", "capture", &read_reversal},
    {"PAYMENT.SALE.COMPLETED", "sale", "sale", &read_payment},
    {"PAYMENT.SALE.DENIED", "sale", "sale", &read_payment},
    {"PAYMENT.SALE.PENDING", "sale", "sale", &read_payment},
    {"PAYMENT.SALE.REFUNDED", "refund", "sale", &read_refund},
    {"PAYMENT.SALE.REVERSED", "refund", "sale", &read_reversal},
});

const known_type* find_type(std::string_view name) {
    const auto* const found = std::find_if(known_types.begin(), known_types.end(),
                                           [name](const known_type& one) { return one.name == name; });
    return found == known_types.end() ? nullptr : found;
}

// A relay's signature does not tell the sandbox apart, but the links of the event do.
bool is_of_sandbox(json::value envelope) {
    for (const json::value link : envelope["links"])
        for (const std::string_view host :
             {"https://api.sandbox.paypal.com/", "https://api-m.sandbox.paypal.com/"})
            if (link["href"].text().starts_with(host)) return true;
    return false;
}

}  // namespace

event translate(const delivery_facts& facts, std::string_view body) {
    const json::document document = read_body(body);
    const json::value envelope = document.root();
    const std::string_view type = text_of(envelope, "event_type");
    delivery_facts as_signed = facts;
    as_signed.delivery_key = id_of(envelope);
    as_signed.topic = channels::to_lower(type);
    const json::value resource = envelope["resource"];
    if (!resource.is_object()) refuse("The event has no resource.");
    const telling told{type, envelope["resource_type"].text(), resource, time_of(envelope, "create_time")};

    event result;
    result.delivery = make_delivery(as_signed);
    const known_type* const known = find_type(type);
    if (facts.test_mode || is_of_sandbox(envelope)) {
        result.ignored = ignore_reason::test_mode;
    } else if (known == nullptr) {
        result.ignored = ignore_reason::unknown_topic;
    } else {
        if (told.resource_type != known->resource && told.resource_type != known->or_resource)
            refuse("The event's resource does not fit its type.");
        known->read(told, result);
    }
    return result;
}

}  // namespace attribution::providers::paypal
