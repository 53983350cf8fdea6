#include "server/http/json_body.hpp"

#include <string>

#include "server/http/problem.hpp"

namespace attribution::http {

bool has_content_type(const request& r, std::string_view type) {
    const std::string_view declared = r.header("Content-Type").value_or("");
    std::string_view name = declared.substr(0, declared.find(';'));
    while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
    return equals_ignoring_case(name, type);
}

json::document read_json_body(const request& r, json_types accepted) {
    const bool may_be_text = accepted == json_types::json_or_plain_text;
    if (!has_content_type(r, "application/json") && !(may_be_text && has_content_type(r, "text/plain")))
        throw problem(415, "The body is not declared as JSON.", "Send Content-Type: application/json.");
    try {
        return json::parse(r.body);
    } catch (const json::error& broken) {
        throw problem(400, "The body is not valid JSON: " + broken.reason() + " at byte " +
                               std::to_string(broken.offset()) + ".");
    }
}

}  // namespace attribution::http
