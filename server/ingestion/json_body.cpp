#include "server/ingestion/json_body.hpp"

#include <string>

#include "server/http/problem.hpp"

namespace attribution::ingestion {

namespace {

// Parameters (charset) say nothing: JSON is UTF-8.
bool is_json(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    return http::equals_ignoring_case(type, "application/json");
}

}  // namespace

json::document read_json_body(const http::request& r) {
    if (!is_json(r.header("Content-Type").value_or("")))
        throw http::problem(415, "The body is not declared as JSON.", "Send Content-Type: application/json.");
    try {
        return json::parse(r.body);
    } catch (const json::error& broken) {
        throw http::problem(400, "The body is not valid JSON: " + broken.reason() + " at byte " +
                                     std::to_string(broken.offset()) + ".");
    }
}

}  // namespace attribution::ingestion
