// The body of a request that has to be JSON.
#pragma once

#include "core/json/document.hpp"
#include "server/http/types.hpp"

namespace attribution::ingestion {

// Throws http::problem: 415 when the content type is not application/json, 400 when the body is not valid
// JSON.
json::document read_json_body(const http::request& r);

}  // namespace attribution::ingestion
