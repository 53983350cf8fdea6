// What kind of body a request has, and the body when it has to be JSON.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/json/document.hpp"
#include "server/http/types.hpp"

namespace attribution::http {

// Whether Content-Type names this type. Parameters (charset) say nothing here: JSON and CSV are UTF-8.
bool has_content_type(const request& r, std::string_view type);

// text/plain needs no leave of a browser to be sent elsewhere, so JSON from pages comes under that name.
enum class json_types : std::uint8_t { json_only, json_or_plain_text };

// Throws http::problem: 415 when the content type is none of these, 400 when the body is not valid JSON.
json::document read_json_body(const request& r, json_types accepted = json_types::json_only);

}  // namespace attribution::http
