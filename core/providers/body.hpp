// The body of a webhook, and how an adapter refuses it.
#pragma once

#include <string>
#include <string_view>

#include "core/json/document.hpp"

namespace attribution::providers {

// Throws error RA007. The detail names members and quotes nothing.
[[noreturn]] void refuse(std::string detail);

// Throws error RA007 when the body is not JSON.
json::document read_body(std::string_view body);

}  // namespace attribution::providers
