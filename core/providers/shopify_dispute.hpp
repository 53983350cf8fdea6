// Disputes of Shopify Payments: chargebacks and inquiries.
#pragma once

#include "core/json/document.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::shopify {

// A notice. A chargeback takes the money when it is opened, and a won one gives it back; an inquiry moves
// none, and may become a chargeback later
// (https://shopify.dev/docs/api/admin-rest/latest/resources/dispute). Disputes carry no time of change: the
// version is when it was finalised, else initiated, and within that its status, since a dispute goes through
// its statuses in one direction.
void read_dispute(json::value body, const delivery_facts& facts, event& into);

}  // namespace attribution::providers::shopify
