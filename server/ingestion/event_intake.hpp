// POST /api/ingest: touchpoints, conversions and refunds from the merchant's own code.
//
// The body is one item, an array of 1 to 1,000, or {"events": [...]} (contracts/ingestion/v1/ingestion.yaml).
// Each item has a result of its own, in the order of the body, and all that could be stored is committed when
// the answer leaves. An item that cannot be used is a dead letter and fails no other one.
#pragma once

#include <span>

#include "server/http/router.hpp"
#include "server/ingestion/event_writer.hpp"
#include "server/ingestion/tenant_finder.hpp"

namespace attribution::ingestion {

class event_intake {
  public:
    event_intake(tenant_finder& tenants, event_writer& writer) : tenants_(tenants), writer_(writer) {}

    // Only who has a key may send a body.
    task<void> admit(const http::request& head);
    task<http::response> take(const http::request& r);

    static std::span<const http::route> routes();

  private:
    tenant_finder& tenants_;
    event_writer& writer_;
};

}  // namespace attribution::ingestion
