// What differs from provider to provider when a webhook comes in. The receiver does the rest; a new provider
// is one file pair that makes one of these, and a line in providers().
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/http/types.hpp"

namespace attribution::webhooks {

enum class verdict : std::uint8_t {
    good,
    malformed,    // the signature does not have its form: no secret can make it good
    wrong,        // it does not belong to the body and this secret
    out_of_time,  // it is genuine, but was not made around now
};

class certificate_source;

// A delivery and what its signature is judged by.
struct signed_delivery {
    const http::request& request;
    std::string_view secret;  // the endpoint's
    std::chrono::sys_seconds now;
    certificate_source* certificates = nullptr;  // for signatures that need one
};

struct judgement {
    verdict found = verdict::wrong;
    bool test_mode = false;         // genuine, but made where the provider's customers only try things out
    std::string transmission_id{};  // under which no other body may come; empty where there is no such thing
    std::string_view detail{};      // what exactly is malformed, for who was refused; may be empty
};

// How a provider tests an address when it is saved there: unsigned, so nothing of it is believed or stored,
// and answered with 200.
struct unsigned_ping {
    bool (*fits)(const http::request& head) = nullptr;  // by the head alone; null: this provider sends none
    bool (*is)(std::string_view body) = nullptr;        // of a request whose head fits
};

struct provider {
    std::string_view name;   // as endpoints and paths have it: "shopify"
    std::string_view title;  // for people: "Shopify"

    // Paths of the topics that are booked, all below /webhooks/NAME/. Logs name no others.
    std::span<const std::string_view> topic_paths;

    // How the provider writes between the parts of a topic what is a slash in the path.
    char topic_separator;

    // Names of headers; empty where the provider has none. None but the signature's is authenticated.
    std::string_view signature_header;
    std::span<const std::string_view> further_headers{};  // without which it cannot be judged
    std::string_view topic_header;    // read on the bare path /webhooks/NAME; empty: the body names the topic
    std::string_view key_header;      // identity of the delivery; empty: the body names it
    std::string_view account_header;  // what the endpoint's account should be

    std::string_view signature_hint;  // how the signature is made, for whom it was refused

    // Judges the signature over the bytes of the body. What is given must outlive the task.
    task<judgement> (*check)(const signed_delivery& given);

    // Whether the account header names the endpoint's account. Null: when the texts are equal, whatever their
    // case.
    bool (*is_same_account)(std::string_view header, std::string_view account) = nullptr;

    unsigned_ping ping{};
};

// All providers that webhooks are taken from.
std::span<const provider* const> providers();

}  // namespace attribution::webhooks
