// Whose request is this? The tenant of its API key, remembered for a few seconds.
#pragma once

#include <string>

#include "server/db/failures.hpp"
#include "server/db/pool.hpp"
#include "server/http/types.hpp"
#include "server/ingestion/short_cache.hpp"

namespace attribution::ingestion {

class tenant_finder {
  public:
    tenant_finder(db::pool& database, cache_options cache) : database_(database), cache_(cache) {}

    // Throws http::problem: 401 (no key, unknown, revoked), 400 (two keys), 503 (without the database).
    task<std::string> tenant_of(const http::request& r);

  private:
    db::pool& database_;
    short_cache<std::string> cache_;
    db::failures failures_;
};

}  // namespace attribution::ingestion
