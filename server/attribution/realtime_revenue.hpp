// GET /api/attribution/revenue/realtime?from=&to=: revenue by channel, as the ledger stands at this moment.
//
// from (inclusive) and to (exclusive) are RFC 3339 times, or dates: the start of that day in the tenant's
// zone. Without to: now. Without from: the start of the day in which the range ends. Reports have a grain of
// 15 minutes: an entry counts as of the start of its quarter of an hour.
#pragma once

#include <span>

#include "server/attribution/report.hpp"
#include "server/http/router.hpp"

namespace attribution::revenue {

class realtime_revenue {
  public:
    explicit realtime_revenue(const report::pools& database) : reader_(database) {}

    task<http::response> show(const http::request& r);

    static std::span<const http::route> routes();

  private:
    report::reader reader_;
};

}  // namespace attribution::revenue
