// One text for one JSON value, however it was written.
#pragma once

#include <string>

#include "core/json/document.hpp"

namespace attribution::json {

// The value without white space, members of objects sorted by name; numbers keep their digits (1.0 and 1
// differ). Two values that a reader cannot tell apart have the same text.
std::string canonical(value from);

}  // namespace attribution::json
