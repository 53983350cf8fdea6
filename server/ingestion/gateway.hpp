// What webhooks may ask of ingestion: whose endpoint is this, and take this delivery. Local in one process; a
// process of its own would answer the same two questions over HTTP.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/http/types.hpp"

namespace attribution::ingestion {

struct endpoint {
    std::string id;
    std::string tenant_id;
    std::string provider;
    std::string account;
    std::string signature;  // who signs: "provider", or a relay by "hmac"
    bool books_revenue = true;
    std::string secret_ciphertext;           // bytes, encrypted with the server's master key
    std::string previous_secret_ciphertext;  // empty when there is none
};

// A delivery whose signature has been verified. The views live until deliver() has ended.
struct delivery {
    std::shared_ptr<const endpoint> to;
    std::string_view topic;
    std::string_view
        key;  // the provider's id of the delivery; empty or unusable: the body's digest takes its place
    std::string_view transmission_id;  // no other body may come under it; empty where there is no such thing
    bool test_mode = false;            // of the provider's sandbox
    std::string_view body;             // raw
    std::string_view correlation_id;
};

struct receipt {
    std::string status;    // created, duplicate, conflict, dead_lettered, ignored
    std::string event_id;  // of the event, or of the dead letter; empty when ignored
};

class gateway {
  public:
    virtual ~gateway() = default;

    // nullptr when there is no active endpoint with this id. Throws http::problem 503 without the database.
    virtual task<std::shared_ptr<const endpoint>> find_endpoint(std::string_view id) = 0;

    // Returns after COMMIT. Throws http::problem; after 503 the delivery may or may not be stored, and
    // sending it again is safe.
    virtual task<receipt> deliver(const delivery& d) = 0;
};

}  // namespace attribution::ingestion
