// GET /api/attribution/channels?from=&to=&model=&granularity=&basis=&by=&cursor=&limit=: what each channel
// brought, by a model, and what it cost.
//
// Basis cash counts money on the day on which it moved, cohort on the day of the sale it belongs to; what was
// spent counts on its own day. Rows come in the order of period, currency, channel and campaign.
#pragma once

#include <span>

#include "server/attribution/report.hpp"
#include "server/http/router.hpp"

namespace attribution::report {

class channel_performance {
  public:
    explicit channel_performance(const pools& database) : reader_(database) {}

    task<http::response> show(const http::request& r);

    static std::span<const http::route> routes();

  private:
    reader reader_;
};

}  // namespace attribution::report
