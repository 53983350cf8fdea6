#include "core/providers/body.hpp"

#include <utility>

#include "core/errors.hpp"

namespace attribution::providers {

void refuse(std::string detail) {
    throw error(invalid_event, "invalid event", std::move(detail));
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
