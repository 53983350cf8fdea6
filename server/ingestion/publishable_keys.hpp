// The key that stands in a shop's page: whose it is, and from where and how often it may be used.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/db/failures.hpp"
#include "server/db/pool.hpp"
#include "server/http/types.hpp"
#include "server/ingestion/short_cache.hpp"

namespace attribution::ingestion {

struct publishable_key {
    std::string id;
    std::string tenant_id;
    std::string origins;  // apart by a blank, and one at both ends
    int per_minute = 0;

    bool allows(std::string_view origin) const;
};

class publishable_keys {
  public:
    publishable_keys(db::pool& database, cache_options cache) : database_(database), cache_(cache) {}

    // By the parameter `key`. Remembered for a few seconds, and so are keys that are none. Throws
    // http::problem: 400 (two keys), 401 (none, unknown, revoked, secret), 503 (without the database).
    task<std::shared_ptr<const publishable_key>> key_of(const http::request& r);

  private:
    db::pool& database_;
    short_cache<publishable_key> cache_;
    db::failures failures_;
};

}  // namespace attribution::ingestion
