// Where a telephone number stands in a text. Part of detect; not for use elsewhere.
#pragma once

#include <optional>
#include <string_view>

#include "core/pii/email.hpp"

namespace attribution::pii::detail {

// The first telephone number that begins at or after `from`.
std::optional<span> find_phone(std::string_view text, std::size_t from);

}  // namespace attribution::pii::detail
