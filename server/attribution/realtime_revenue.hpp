// GET /api/attribution/revenue/realtime?from=&to=: revenue by channel, as the ledger stands at this moment.
//
// from (inclusive) and to (exclusive) are RFC 3339 times, or dates: the start of that day in the tenant's
// zone. Without to: now. Without from: the start of the day in which the range ends. Reports have a grain of
// 15 minutes: an entry counts as of the start of its quarter of an hour.
#pragma once

#include <span>

#include "server/db/failures.hpp"
#include "server/db/pool.hpp"
#include "server/http/router.hpp"

namespace attribution::revenue {

class realtime_revenue {
  public:
    explicit realtime_revenue(db::pool& database) : database_(database) {}

    task<http::response> show(const http::request& r);

    static std::span<const http::route> routes();

  private:
    task<std::vector<db::result>> read(const std::string& tenant_id, std::optional<std::string> from,
                                       std::optional<std::string> to);

    db::pool& database_;
    db::failures failures_;
};

}  // namespace attribution::revenue
