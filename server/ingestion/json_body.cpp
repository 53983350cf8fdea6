#include "server/ingestion/json_body.hpp"

#include <string>

#include "server/http/problem.hpp"

namespace attribution::ingestion {

namespace {

// Parameters (charset) say nothing: JSON is UTF-8.
bool is_type(std::string_view content_type, std::string_view wanted) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    return http::equals_ignoring_case(type, wanted);
}

}  // namespace

json::document read_json_body(const http::request& r, json_types accepted) {
    const std::string_view type = r.header("Content-Type").value_or("");
    const bool may_be_text = accepted == json_types::json_or_plain_text;
    if (!is_type(type, "application/json") && !(may_be_text && is_type(type, "text/plain")))
        throw http::problem(415, "The body is not declared as JSON.", "Send Content-Type: application/json.");
    try {
        return json::parse(r.body);
    } catch (const json::error& broken) {
        throw http::problem(400, "The body is not valid JSON: " + broken.reason() + " at byte " +
                                     std::to_string(broken.offset()) + ".");
    }
}

}  // namespace attribution::ingestion
