// One element of the event contract, as read from jsonb. Plain values that point into the document: nothing
// here owns anything, so an error of PostgreSQL may pass at any point.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "extension/src/jsonb_reader.hpp"

namespace attribution::ingest {

using digest_bytes = std::array<std::uint8_t, 32>;

struct delivery {
    std::string_view source;
    std::string_view key;  // given, or the digest in hex
    std::string_view topic;
    std::string_view endpoint_id;
    optional_uuid correlation_id;
    std::string_view transmission_id;  // under which no other body may come; empty where there is none
    digest_bytes digest{};
    bool books_revenue = true;
};

// What tells the channel of a visit; the rest of its signals is only stored.
struct signals {
    std::string_view source;
    std::string_view medium;
    std::string_view campaign;
    std::string_view referrer_host;
    std::string_view click_id;
    const JsonbValue* document = nullptr;
};

// What becomes a row of attribution_events: a conversion, a touchpoint or a notice.
struct occurrence {
    const char* type = nullptr;
    std::string_view external_id;
    std::int64_t occurred_at = 0;
    ingest::signals signals;
    const JsonbValue* payload = nullptr;
    std::string_view order_ref;        // the shop's order; never of a touchpoint
    std::string_view journey_id;       // never of a notice
    std::string_view transaction_ref;  // of a payment provider; never of a touchpoint
};

// How states of one kind add up: see "Parts and totals" in docs/event_contract.md.
enum class money_role : std::uint8_t { alone, part, total };

// The version of a total of which only parts are known: older than any that can be told.
inline constexpr std::int64_t never_told = std::numeric_limits<std::int64_t>::min();

struct money_state {
    std::string_view money_key;
    const char* kind = nullptr;
    std::optional<std::int64_t> cumulative_minor;
    std::string_view currency;
    std::int64_t version_at = 0;
    std::int64_t occurred_at = 0;
    std::string_view parent;
    money_role role = money_role::alone;
    std::optional<std::int64_t> gross_minor;  // of a part: what it was, when that is more than it is now
    std::optional<std::int64_t> tax_minor;
    std::optional<std::int64_t> shipping_minor;
};

struct event {
    ingest::delivery delivery;
    occurrence head;                    // row 0
    std::span<occurrence> touchpoints;  // rows 1 to n
    std::span<money_state> states;      // with a total for every part, told or not
    const char* ignored = nullptr;      // why it is only counted
    JsonbValue element{};               // as it came

    // Why it cannot be stored as an event: its own rejection, or what decoding found.
    jsonb_refusal refusal;
    std::optional<std::int64_t> body_length;
    const JsonbValue* rejected_event = nullptr;  // what can be tried again later
    const JsonbValue* rejected_facts = nullptr;  // what is known of a body that cannot
};

// Reads one element strictly. Calls PostgreSQL: run it inside call(). What is wrong with the element stands
// in event.refusal; its delivery is then filled as far as a dead letter needs it.
void decode_event(const JsonbValue& element, event& into);

}  // namespace attribution::ingest
