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
    std::string source;          // the provider: "shopify"
    std::string topic;           // "orders/create"
    std::string delivery_key;    // as the header gave it; unusable or empty: the digest takes its place
    std::string digest_hex;      // SHA-256 of the raw body, 64 small hex digits
    std::string endpoint_id;     // may be empty
    std::string correlation_id;  // UUID; may be empty
    std::string account;         // the endpoint's account: the shop's domain
    bool books_revenue = true;   // false: evidence only
};

// Texts that are optional in the contract are left out of the JSON when they are empty.
struct delivery {
    std::string source;
    std::string key;
    std::string digest;
    std::string topic;
    std::string endpoint_id;
    std::string correlation_id;
    bool books_revenue = true;
};

struct conversion {
    std::string external_id;
    std::string occurred_at;  // RFC 3339, here and below
    channels::signals signals;
    std::string payload;  // text of a JSON object without personal data
};

struct touchpoint {
    std::string external_id;  // may be empty
    std::string occurred_at;
    channels::signals signals;
    std::string payload;  // may be empty
};

enum class money_kind : std::uint8_t { capture, refund, chargeback, chargeback_reversal, adjustment };
std::string_view name(money_kind kind) noexcept;

// What the provider says is moved in total under one money key as of version_at.
struct money_state {
    std::string money_key;  // "shopify:order:820982911946154508"
    money_kind kind = money_kind::capture;
    std::int64_t cumulative_minor = 0;
    std::string currency;
    std::string version_at;
    std::string occurred_at;
    std::string parent;  // money key of the sale; may be empty
    std::optional<std::int64_t> tax_minor;
    std::optional<std::int64_t> shipping_minor;
};

// A delivery that is worth a record but is neither a conversion nor a touchpoint (a test order).
struct notice {
    std::string occurred_at;
    std::string payload;
};

// An unusable delivery, for dead_events.
struct rejection {
    std::string code;  // SQLSTATE
    std::string detail;
    std::size_t length = 0;  // of the raw body, in bytes
};

struct event {
    providers::delivery delivery;
    std::optional<providers::conversion> conversion;
    std::vector<touchpoint> touchpoints;
    std::vector<money_state> states;
    std::optional<providers::notice> notice;
    std::optional<rejection> rejected;
};

// The JSON text of one element of ingest_events(events).
std::string to_json(const event& from);
// A JSON array of elements that to_json made.
std::string to_json_array(const std::vector<std::string>& elements);

// The delivery part of an event; an unusable topic or delivery key is left out.
delivery make_delivery(const delivery_facts& facts);

// The event that stands for a delivery which could not be translated.
event rejected_event(const delivery_facts& facts, const error& why, std::size_t length);

// Keys of the contract: a letter or digit, then up to 199 of letters, digits and ._:/#-
bool is_key(std::string_view text) noexcept;

}  // namespace attribution::providers
