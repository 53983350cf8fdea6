// GET /api/export/revenue: the ledger entry by entry, or each entry divided by a model, as CSV, JSON or
// NDJSON; whole, or in pages. One read-only transaction and snapshot for an answer.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <span>

#include "server/db/failures.hpp"
#include "server/db/pool.hpp"
#include "server/export/export_query.hpp"
#include "server/export/export_request.hpp"
#include "server/export/running_exports.hpp"
#include "server/http/router.hpp"

namespace attribution::exports {

class revenue_export {
  public:
    // Exports run on connections of their own, so that they leave those of everybody else alone. `most` is
    // how many `connections` has.
    revenue_export(db::pool& database, db::pool& connections, std::size_t most,
                   boost::asio::thread_pool& workers)
        : database_(database), connections_(connections), workers_(workers), running_(most) {}

    task<http::response> show(const http::request& r);

    static std::span<const http::route> routes();

  private:
    task<range> look_up(const std::string& tenant_id, const export_request& asked);
    task<http::response> begin(const http::request& r, const std::string& tenant_id,
                               const export_request& asked, const range& within);

    db::pool& database_;
    db::pool& connections_;
    boost::asio::thread_pool& workers_;
    running_exports running_;
    db::failures failures_;
};

}  // namespace attribution::exports
