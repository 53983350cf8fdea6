// GET /api/health: 200 when the server can work, 503 when the database is away.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/db/pool.hpp"
#include "server/http/router.hpp"

namespace attribution::health {

class health {
  public:
    health(db::pool& database, std::string version, std::vector<std::string> services)
        : database_(database), version_(std::move(version)), services_(std::move(services)) {}

    task<http::response> show(const http::request& r);

    static std::span<const http::route> routes();

  private:
    db::pool& database_;
    std::string version_;
    std::vector<std::string> services_;
};

}  // namespace attribution::health
