// Ingestion in this process: endpoints from the database through a cache; deliveries through the provider's
// adapter and the writer.
#pragma once

#include "server/db/failures.hpp"
#include "server/db/pool.hpp"
#include "server/ingestion/event_writer.hpp"
#include "server/ingestion/gateway.hpp"
#include "server/ingestion/short_cache.hpp"

namespace attribution::ingestion {

class local_gateway final : public gateway {
  public:
    local_gateway(db::pool& database, event_writer& writer, cache_options cache)
        : database_(database), writer_(writer), cache_(cache) {}

    task<std::shared_ptr<const endpoint>> find_endpoint(std::string_view id) override;
    task<receipt> deliver(const delivery& d) override;

  private:
    task<std::shared_ptr<const endpoint>> look_up(std::string_view id);

    db::pool& database_;
    event_writer& writer_;
    short_cache<endpoint> cache_;
    db::failures failures_;
};

}  // namespace attribution::ingestion
