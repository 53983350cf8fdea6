// Ingestion in this process: endpoints from the database through a cache; deliveries through the provider's
// adapter and the batcher.
#pragma once

#include "server/db/pool.hpp"
#include "server/http/log.hpp"
#include "server/http/problem.hpp"
#include "server/ingestion/batcher.hpp"
#include "server/ingestion/endpoint_cache.hpp"
#include "server/ingestion/gateway.hpp"

namespace attribution::ingestion {

class local_gateway final : public gateway {
  public:
    local_gateway(db::pool& database, batcher& batches, endpoint_cache::options cache)
        : database_(database), batcher_(batches), cache_(cache) {}

    task<std::shared_ptr<const endpoint>> find_endpoint(std::string_view id) override;
    task<receipt> deliver(const delivery& d) override;

  private:
    task<std::shared_ptr<const endpoint>> look_up(std::string_view id);
    http::problem to_problem(const db::error& e, std::string_view correlation_id);

    db::pool& database_;
    batcher& batcher_;
    endpoint_cache cache_;
    log::once_a_second away_;
};

}  // namespace attribution::ingestion
