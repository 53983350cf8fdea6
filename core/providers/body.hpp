// The body of a webhook, and how an adapter refuses it.
#pragma once

#include <string>
#include <string_view>

#include "core/json/document.hpp"

namespace attribution::providers {

// Throws error RA007. The detail names members and quotes nothing.
[[noreturn]] void refuse(std::string detail);

// The same of a member that every provider's objects may have.
[[noreturn]] void refuse_member(std::string_view member);

// A text of the member; error RA007 when it is none.
std::string_view text_of(json::value object, std::string_view member);

// Throws error RA007 when the body is not JSON.
json::document read_body(std::string_view body);

}  // namespace attribution::providers
