// Where a US social security number stands in a text. Part of detect; not for use elsewhere.
#pragma once

#include <cstddef>
#include <string_view>

namespace attribution::pii::detail {

// The end of the number that begins with the digits from `at` to `run_end`, or `at`. Only written as
// 123-45-6789 or 123 45 6789, and not of a range that is never given out (area 000, 666, 900 to 999, group
// 00, serial 0000).
std::size_t ssn_end(std::string_view text, std::size_t at, std::size_t run_end);

}  // namespace attribution::pii::detail
