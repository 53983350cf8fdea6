// The event contract between adapters and SQL, version 1 (docs/event_contract.md): what one delivery says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/channels/signals.hpp"
#include "core/errors.hpp"

namespace attribution::providers {

inline constexpr int contract_version = 1;

// What is known of a delivery beside its body. Everything here but digest, endpoint and account is unsigned.
struct delivery_facts {
    std::string source;           // the provider: "shopify"
    std::string topic;            // "orders/create"
    std::string delivery_key;     // as the header gave it; unusable or empty: the digest takes its place
    std::string digest_hex;       // SHA-256 of the raw body, 64 small hex digits
    std::string endpoint_id;      // may be empty
    std::string correlation_id;   // UUID; may be empty
    std::string account;          // the endpoint's account: the shop's domain
    std::string transmission_id;  // under which no other body may come; may be empty
    bool test_mode = false;       // known by the signature, not by the body
    bool books_revenue = true;    // false: evidence only
    std::string received_at;      // for what tells no time of its own
};

// Texts that are optional in the contract are left out of the JSON when they are empty.
struct delivery {
    std::string source;
    std::string key;
    std::string digest;
    std::string topic;
    std::string endpoint_id;
    std::string correlation_id;
    std::string transmission_id;
    bool books_revenue = true;
};

struct conversion {
    std::string external_id;
    std::string occurred_at;  // RFC 3339, here and below
    channels::signals signals;
    std::string payload;     // text of a JSON object without personal data
    std::string order_ref;   // the shop's id of the order that was paid; may be empty, as the next
    std::string journey_id;  // pseudonym that joins visits with purchases
    // The payment provider's id of the payment, where external_id is another; may be empty.
    std::string transaction_ref{};
};

struct touchpoint {
    std::string external_id;  // may be empty
    std::string occurred_at;
    channels::signals signals;
    std::string payload;     // may be empty
    std::string journey_id;  // may be empty
};

enum class money_kind : std::uint8_t { capture, refund, chargeback, chargeback_reversal, adjustment };
std::string_view name(money_kind kind) noexcept;

// How states of one kind add up when a provider tells both a sum and what it is made of. A part names its
// total as parent. Of a total only what its parts leave unexplained is booked under its own key.
enum class money_role : std::uint8_t { alone, part, total };

// What the provider says is moved in total under one money key as of version_at.
struct money_state {
    std::string money_key;  // "shopify:order:820982911946154508"
    money_kind kind = money_kind::capture;
    std::int64_t cumulative_minor = 0;
    std::string currency;
    std::string version_at;
    std::string occurred_at;
    std::string parent;  // money key of the sale; may be empty
    money_role role = money_role::alone;
    // Of a part that was taken back (a refund that failed): what it was while it counted.
    std::optional<std::int64_t> gross_minor;
    std::optional<std::int64_t> tax_minor;
    std::optional<std::int64_t> shipping_minor;
};

// A delivery that is worth a record but is neither a conversion nor a touchpoint (a refund, a dispute).
struct notice {
    std::string occurred_at;
    std::string payload;
    std::string order_ref;          // may be empty
    std::string external_id{};      // of the sale's conversions, which know its channel; may be empty
    std::string transaction_ref{};  // as of a conversion
};

// A delivery that is only counted: of a topic that nobody needs, or from a test mode.
enum class ignore_reason : std::uint8_t { unknown_topic, test_mode };
std::string_view name(ignore_reason reason) noexcept;

// An unusable delivery, for dead_events.
struct rejection {
    std::string code;  // SQLSTATE
    std::string detail;
    std::size_t length = 0;  // of the raw body, in bytes
    // What is left of it without personal data, texts of JSON objects; may be empty. replay_dead_events()
    // tries `event` again; `facts` is what an adapter could read of a body that it had to refuse.
    std::string event;
    std::string facts;
};

struct event {
    providers::delivery delivery;
    std::optional<providers::conversion> conversion;
    std::vector<touchpoint> touchpoints;
    std::vector<money_state> states;
    std::optional<providers::notice> notice;
    std::optional<ignore_reason> ignored;
    std::optional<rejection> rejected;

    // The body is of another account than the endpoint's: for the log, not part of the contract.
    bool other_account = false;
};

// The JSON text of one element of ingest_events(events).
std::string to_json(const event& from);

// The delivery part of an event; an unusable topic or delivery key is left out.
delivery make_delivery(const delivery_facts& facts);

// The event that stands for a delivery which could not be translated.
event rejected_event(const delivery_facts& facts, const error& why, std::size_t length);

// Keys of the contract: a letter or digit, then up to 199 of letters, digits and ._:/#-
bool is_key(std::string_view text) noexcept;

// The text when it can be a transaction_ref: key text of at least 7 characters (banks' authorisation codes
// have 6) that is nobody's address or number; else empty.
std::string transaction_ref_of(std::string_view text);

// Key text of at least that length which is nobody's address or number.
inline constexpr std::size_t shortest_journey_id = 8;
bool is_journey_id(std::string_view text);

}  // namespace attribution::providers
