// Dead letters for programs: what could not be ingested and why, and another try.
//
// GET  /api/ingest/dead-events?status=&limit=&cursor=   the newest first, in pages
// POST /api/ingest/dead-events/replay {"dead_ids": [...], "limit": n}
#pragma once

#include <span>

#include "server/db/failures.hpp"
#include "server/http/router.hpp"
#include "server/ingestion/tenant_finder.hpp"

namespace attribution::ingestion {

class dead_letters {
  public:
    dead_letters(db::pool& database, tenant_finder& tenants) : database_(database), tenants_(tenants) {}

    // Only who has a key may send a body.
    task<void> admit(const http::request& head);
    task<http::response> list(const http::request& r);
    task<http::response> replay(const http::request& r);

    static std::span<const http::route> routes();

  private:
    db::pool& database_;
    tenant_finder& tenants_;
    db::failures failures_;
};

}  // namespace attribution::ingestion
