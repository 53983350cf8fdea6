// What a client would rather have, as Accept and Accept-Encoding say it (RFC 9110, 12.5).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "server/http/types.hpp"

namespace attribution::http {

// Which of the media types the client likes best, the earlier one of equals; nullopt when it wants none of
// them. Without Accept it is the first.
std::optional<std::size_t> preferred_type(const request& r, std::span<const std::string_view> types);

// Whether the client asks for the content coding by its name or by *, and not with less weight than for the
// content as it is.
bool wants_encoding(const request& r, std::string_view coding);

}  // namespace attribution::http
