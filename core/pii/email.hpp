// Where an e-mail address stands in a text. Part of detect; not for use elsewhere.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/pii/characters.hpp"

namespace attribution::pii::detail {

// The first e-mail address that begins at or after `from`; its '@' may be written %40.
std::optional<span> find_email(std::string_view text, std::size_t from);

}  // namespace attribution::pii::detail
