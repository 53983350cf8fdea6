// Where batches go. An interface, so that the batcher's decisions can be tested without a database.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/http/types.hpp"

namespace attribution::ingestion {

struct event_item {
    std::string tenant_id;
    std::string source;
    std::string key;    // of the delivery
    std::string event;  // JSON, one element of ingest_events
};

struct stored_item {
    std::string status;    // created, duplicate, conflict, dead_lettered, ignored
    std::string event_id;  // of the event, or of the dead letter; empty when ignored
    std::string code;      // SQLSTATE, when it was dead-lettered or is a conflict
    std::string detail;    // why, in words; quotes no value
};

class event_store {
  public:
    virtual ~event_store() = default;

    // Stores all items in one transaction, or none. They come ordered by tenant, source and key; the answers
    // have the same order. Throws db::error (connection_lost: unknown whether stored).
    virtual task<std::vector<stored_item>> store(std::span<const event_item* const> items) = 0;
};

}  // namespace attribution::ingestion
