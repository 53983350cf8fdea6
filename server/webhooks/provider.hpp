// What differs from provider to provider when a webhook comes in. The receiver does the rest; a new provider
// is one file pair that makes one of these, and a line in providers().
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/http/types.hpp"

namespace attribution::webhooks {

enum class verdict : std::uint8_t {
    good,
    malformed,    // the signature does not have its form: no secret can make it good
    wrong,        // it does not belong to the body and this secret
    out_of_time,  // it is genuine, but was not made around now
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
    std::string_view topic_header;    // read on the bare path /webhooks/NAME; empty: the body names the topic
    std::string_view key_header;      // identity of the delivery; empty: the body names it
    std::string_view account_header;  // what the endpoint's account should be

    std::string_view signature_hint;  // how the signature is made, for whom it was refused

    // Judges the signature over the bytes of the body. `now` is this server's time.
    verdict (*check)(const http::request& r, std::string_view secret, std::chrono::sys_seconds now);
};

// All providers that webhooks are taken from.
std::span<const provider* const> providers();

}  // namespace attribution::webhooks
