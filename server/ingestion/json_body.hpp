// The body of a request that has to be JSON.
#pragma once

#include <cstdint>

#include "core/json/document.hpp"
#include "server/http/types.hpp"

namespace attribution::ingestion {

// text/plain needs no leave of a browser to be sent elsewhere, so JSON from pages comes under that name.
enum class json_types : std::uint8_t { json_only, json_or_plain_text };

// Throws http::problem: 415 when the content type is none of these, 400 when the body is not valid JSON.
json::document read_json_body(const http::request& r, json_types accepted = json_types::json_only);

}  // namespace attribution::ingestion
