// Batches into PostgreSQL: one connection of its own, one call of ingest_batch, one round trip.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "server/db/connection.hpp"
#include "server/ingestion/event_store.hpp"

namespace attribution::ingestion {

class pg_event_store final : public event_store {
  public:
    pg_event_store(boost::asio::thread_pool& workers, db::connect_options options)
        : workers_(workers), options_(std::move(options)) {}

    task<std::vector<stored_item>> store(std::span<const event_item* const> items) override;

  private:
    boost::asio::thread_pool& workers_;
    db::connect_options options_;
    std::unique_ptr<db::connection> connection_;
};

}  // namespace attribution::ingestion
