#pragma once

#include <string>
#include <string_view>

namespace attribution::http {

// SHA-256 in 64 lowercase hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace attribution::http
