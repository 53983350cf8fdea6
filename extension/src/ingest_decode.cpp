// The event contract, version 1 (docs/event_contract.md), from jsonb. Its states: ingest_decode_states.cpp.

#include "extension/src/ingest_decode.hpp"

#include "core/pii/detect.hpp"

extern "C" {
#include "common/cryptohash.h"
#include "common/sha2.h"
}

namespace attribution::ingest {

namespace {

constexpr std::int64_t contract_version = 1;
constexpr int max_touchpoints = 1000;
constexpr std::size_t min_journey_id = 8;

// Of columns that hold no ids: the guards of their tables find more kinds in them, and would end the whole
// call.
const char* read_word(const JsonbValue& value, void* target) {
    std::string_view text;
    if (const char* reason = read_identifier(value, &text)) return reason;
    if (pii::find(text)) return "must not look like personal data";
    *static_cast<std::string_view*>(target) = text;
    return nullptr;
}

// Short ones would be names or counters, not pseudonyms.
const char* read_journey(const JsonbValue& value, void* target) {
    if (value.type == jbvString && jsonb_text(value).size() < min_journey_id) {
        return "must have at least 8 characters";
    }
    return read_identifier(value, target);
}

const char* read_reason(const JsonbValue& value, void* target) {
    for (const char* reason : {"unknown_topic", "test_mode"}) {
        if (jsonb_text(value) == reason) {
            *static_cast<const char**>(target) = reason;
            return nullptr;
        }
    }
    return "must be unknown_topic or test_mode";
}

const char* read_sqlstate(const JsonbValue& value, void* target) {
    constexpr const char* allowed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const std::string_view code = jsonb_text(value);
    if (code.size() != 5 || code.find_first_not_of(allowed) != std::string_view::npos)
        return "must be a SQLSTATE";
    *static_cast<std::string_view*>(target) = code;
    return nullptr;
}

bool decode_delivery(const JsonbValue& element, event& into) {
    delivery& delivery = into.delivery;
    const std::array<jsonb_field, 8> fields{{
        {"source", true, read_word, &delivery.source},
        {"key", false, read_identifier, &delivery.key},
        {"digest", true, read_digest, &delivery.digest},
        {"topic", false, read_word, &delivery.topic},
        {"endpoint_id", false, read_identifier, &delivery.endpoint_id},
        {"correlation_id", false, read_uuid, &delivery.correlation_id},
        {"transmission_id", false, read_identifier, &delivery.transmission_id},
        {"books_revenue", false, read_boolean, &delivery.books_revenue},
    }};
    return read_jsonb_object(element, {"delivery"}, fields, into.refusal);
}

bool decode_signals(const JsonbValue& object, jsonb_place place, signals& into, jsonb_refusal& refusal) {
    std::string_view stored;  // read for its type only
    const std::array<jsonb_field, 8> fields{{
        {"source", false, read_short_text, &into.source},
        {"medium", false, read_short_text, &into.medium},
        {"campaign", false, read_short_text, &into.campaign},
        {"content", false, read_short_text, &stored},
        {"term", false, read_short_text, &stored},
        {"referrer_host", false, read_short_text, &into.referrer_host},
        {"click_id", false, read_short_text, &into.click_id},
        {"landing_path", false, read_short_text, &stored},
    }};
    into.document = &object;
    return read_jsonb_object(object, place, fields, refusal);
}

// The payload is stored together with the signals, which take the name "signals" in it.
bool refuse_signals_in_payload(const occurrence& from, jsonb_place place, jsonb_refusal& refusal) {
    if (from.payload == nullptr || from.signals.document == nullptr) return true;
    JsonbValue found;
    if (getKeyJsonValueFromContainer(from.payload->val.binary.data, "signals", 7, &found) == nullptr)
        return true;
    refuse_member(refusal, place, "payload", "must not have a member \"signals\" of its own");
    return false;
}

bool decode_visit(const JsonbValue& object, jsonb_place place, const char* type, occurrence& into,
                  jsonb_refusal& refusal) {
    const JsonbValue* signals = nullptr;
    const bool converts = std::string_view(type) == "conversion";
    const std::array<jsonb_field, 7> fields{{
        {"external_id", converts, read_identifier, &into.external_id},
        {"occurred_at", true, read_timestamp, &into.occurred_at},
        {"signals", false, read_object, &signals},
        {"payload", false, read_object, &into.payload},
        {"journey_id", false, read_journey, &into.journey_id},
        {"order_ref", false, read_identifier, &into.order_ref},
        {"transaction_ref", false, read_identifier, &into.transaction_ref},
    }};
    // A visit that buys nothing speaks of no order and of no payment.
    const std::size_t known = converts ? fields.size() : fields.size() - 2;
    into.type = type;
    if (!read_jsonb_object(object, place, std::span(fields).first(known), refusal)) return false;
    const jsonb_place signals_place{psprintf("signals of %s", place.name), place.position};
    if (signals != nullptr && !decode_signals(*signals, signals_place, into.signals, refusal)) return false;
    return refuse_signals_in_payload(into, place, refusal);
}

bool decode_notice(const JsonbValue& object, occurrence& into, jsonb_refusal& refusal) {
    const std::array<jsonb_field, 5> fields{{
        {"occurred_at", true, read_timestamp, &into.occurred_at},
        {"external_id", false, read_identifier, &into.external_id},
        {"payload", false, read_object, &into.payload},
        {"order_ref", false, read_identifier, &into.order_ref},
        {"transaction_ref", false, read_identifier, &into.transaction_ref},
    }};
    into.type = "notice";
    return read_jsonb_object(object, {"notice"}, fields, refusal);
}

// Row 0 is the conversion; without one the first touchpoint; without that the notice.
bool decode_occurrences(const JsonbValue* conversion, const JsonbValue* touchpoints, const JsonbValue* notice,
                        event& into) {
    const int touches = touchpoints == nullptr ? 0 : jsonb_array_size(*touchpoints);
    if (touches > max_touchpoints) {
        refuse_member(into.refusal, {"event"}, "touchpoints", "has more than 1000 elements");
        return false;
    }
    if ((conversion == nullptr && touches == 0) == (notice == nullptr)) {
        into.refusal = {"RA007",
                        "An event has a conversion or touchpoints, or else a notice, and never both."};
        return false;
    }
    if (notice != nullptr) return decode_notice(*notice, into.head, into.refusal);
    if (conversion != nullptr &&
        !decode_visit(*conversion, {"conversion"}, "conversion", into.head, into.refusal)) {
        return false;
    }
    const int first_row = conversion == nullptr ? 0 : 1;
    into.touchpoints = new_array<occurrence>(touches + first_row - 1);
    for (int i = 0; i < touches; ++i) {
        const int row = i + first_row;
        occurrence& touchpoint = row == 0 ? into.head : into.touchpoints[static_cast<std::size_t>(row - 1)];
        if (!decode_visit(jsonb_element(*touchpoints, i), {"touchpoints", i}, "touchpoint", touchpoint,
                          into.refusal)) {
            return false;
        }
    }
    return true;
}

// An adapter's own verdict on a delivery that it could not translate.
void decode_rejection(const JsonbValue& object, event& into) {
    std::string_view code;
    std::string_view detail;
    const std::array<jsonb_field, 5> fields{{
        {"code", true, read_sqlstate, &code},
        {"detail", true, read_short_text, &detail},
        {"length", false, read_integer, &into.body_length},
        {"event", false, read_object, &into.rejected_event},
        {"facts", false, read_object, &into.rejected_facts},
    }};
    if (!read_jsonb_object(object, {"rejected"}, fields, into.refusal)) return;
    into.refusal = {pnstrdup(code.data(), code.size()), pnstrdup(detail.data(), detail.size())};
}

// A delivery that is only counted says nothing else.
void decode_ignored(const JsonbValue& object, bool alone, event& into) {
    const std::array<jsonb_field, 1> fields{{{"reason", true, read_reason, &into.ignored}}};
    if (!alone) {
        refuse_member(into.refusal, {"event"}, "ignored", "must stand beside delivery only");
    } else {
        (void)read_jsonb_object(object, {"ignored"}, fields, into.refusal);
    }
}

// The delivery first: whatever else is wrong, the dead letter carries its key.
jsonb_refusal decode_delivery_of(const JsonbValue& element, event& into) {
    JsonbValue found;
    if (is_jsonb_object(element) &&
        getKeyJsonValueFromContainer(element.val.binary.data, "delivery", 8, &found) != nullptr) {
        (void)decode_delivery(found, into);
    }
    return into.refusal;
}

void decode_element(const JsonbValue& element, event& into) {
    std::optional<std::int64_t> version;
    const JsonbValue *delivery = nullptr, *conversion = nullptr, *touchpoints = nullptr;
    const JsonbValue *states = nullptr, *notice = nullptr, *ignored = nullptr, *rejected = nullptr;
    const std::array<jsonb_field, 8> fields{{
        {"version", true, read_integer, &version},
        {"delivery", true, read_object, &delivery},
        {"conversion", false, read_object, &conversion},
        {"touchpoints", false, read_array, &touchpoints},
        {"states", false, read_array, &states},
        {"notice", false, read_object, &notice},
        {"ignored", false, read_object, &ignored},
        {"rejected", false, read_object, &rejected},
    }};
    const jsonb_refusal of_delivery = decode_delivery_of(element, into);
    if (!read_jsonb_object(element, {"event"}, fields, into.refusal)) return;
    into.refusal = of_delivery;
    if (version != contract_version) refuse_member(into.refusal, {"event"}, "version", "must be 1");
    if (into.refusal) return;
    const bool says_more =
        conversion != nullptr || touchpoints != nullptr || states != nullptr || notice != nullptr;
    if (rejected != nullptr) {
        decode_rejection(*rejected, into);
    } else if (ignored != nullptr) {
        decode_ignored(*ignored, !says_more, into);
    } else if (decode_occurrences(conversion, touchpoints, notice, into)) {
        (void)decode_states(states, into);
    }
}

std::string_view hex_text(const digest_bytes& digest) {
    constexpr const char* digits = "0123456789abcdef";
    char* text = static_cast<char*>(palloc(2 * digest.size()));
    for (std::size_t i = 0; i < digest.size(); ++i) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 0x0F];
    }
    return {text, 2 * digest.size()};
}

// SHA-256 of the element's own text: names an element whose delivery could not be read.
digest_bytes digest_of(const JsonbValue& element) {
    JsonbValue copy = element;
    Jsonb* document = JsonbValueToJsonb(&copy);
    const char* text = JsonbToCString(nullptr, &document->root, static_cast<int>(VARSIZE(document)));
    digest_bytes digest{};
    pg_cryptohash_ctx* context = pg_cryptohash_create(PG_SHA256);
    if (context == nullptr || pg_cryptohash_init(context) < 0 ||
        pg_cryptohash_update(context, reinterpret_cast<const uint8*>(text), std::string_view(text).size()) <
            0 ||
        pg_cryptohash_final(context, digest.data(), digest.size()) < 0) {
        elog(ERROR, "could not compute a SHA-256 digest");
    }
    pg_cryptohash_free(context);
    return digest;
}

}  // namespace

void decode_event(const JsonbValue& element, event& into) {
    into.element = element;
    decode_element(element, into);
    delivery& delivery = into.delivery;
    constexpr digest_bytes none{};
    if (into.refusal && delivery.digest == none) delivery.digest = digest_of(element);
    if (delivery.source.empty()) delivery.source = "unknown";
    if (delivery.key.empty()) delivery.key = hex_text(delivery.digest);
}

}  // namespace attribution::ingest
