// Where a telephone number stands in a text. Part of detect; not for use elsewhere.
#pragma once

#include <cstddef>
#include <string_view>

namespace attribution::pii::detail {

// The end of the telephone number that begins at `at` with a plus, a bracket, or a digit before which no
// digit stands; or `at`.
std::size_t phone_end(std::string_view text, std::size_t at);

}  // namespace attribution::pii::detail
