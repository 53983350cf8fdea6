// POST /api/attribution/spend: what advertising cost, by day, channel, campaign and currency.
// GET /api/attribution/spend?from=&to=: the same by day, channel and currency.
//
// Each row of a POST has a result of its own, in the order of the body; the same request again changes
// nothing. from (inclusive) and to (exclusive) are days. Without to: until today, the tenant's. Without from:
// 30 days.
#pragma once

#include <span>

#include "server/attribution/report.hpp"
#include "server/http/router.hpp"

namespace attribution::spend {

class ad_spend {
  public:
    explicit ad_spend(const report::pools& database)
        : connections_(database.for_reports), reader_(database) {}

    // Only who has a key may send a body.
    task<void> admit(const http::request& head);
    task<http::response> record(const http::request& r);
    task<http::response> show(const http::request& r);

    static std::span<const http::route> routes();

  private:
    db::tenant_pool& connections_;
    db::failures failures_;
    report::reader reader_;
};

}  // namespace attribution::spend
