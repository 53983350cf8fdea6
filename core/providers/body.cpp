#include "core/providers/body.hpp"

#include <utility>

#include "core/errors.hpp"

namespace attribution::providers {

void refuse(std::string detail) {
    throw error(invalid_event, "invalid event", std::move(detail));
}

void refuse_member(std::string_view member) {
    refuse("Member \"" + std::string(member) + "\" is missing or not of its kind.");
}

std::string_view text_of(json::value object, std::string_view member) {
    const json::value text = object[member];
    if (!text.is_string()) refuse_member(member);
    return text.text();
}

json::document read_body(std::string_view body) {
    try {
        return json::parse(body);
    } catch (const json::error& broken) {
        refuse("The body is not valid JSON: " + broken.reason() + " at byte " +
               std::to_string(broken.offset()) + ".");
    }
}

}  // namespace attribution::providers
