// GET /api/attribution/allocations/{event}?model=&revisions=&cursor=&limit=: the ledger entries that an event
// booked, and over which channels each model has divided them.
//
// The event is named by its id, as ingestion answered it. Divisions come in the order of entry and model, the
// newest revision first, and in pages; the entries are few, and come whole with each page.
#pragma once

#include <span>

#include "server/attribution/report.hpp"
#include "server/http/router.hpp"

namespace attribution::report {

class event_allocations {
  public:
    explicit event_allocations(const pools& database) : reader_(database) {}

    task<http::response> show(const http::request& r);

    static std::span<const http::route> routes();

  private:
    reader reader_;
};

}  // namespace attribution::report
