// Percent-encoding of URLs, undone.
#pragma once

#include <string>
#include <string_view>

namespace attribution::pii {

// How many levels are undone: honest links are encoded once or twice, and each costs a pass over the text.
inline constexpr int max_levels = 8;

// Undoes one level; sequences that are not two hex digits (or, as old scripts write them, u and four) stay.
// In form data '+' is a space.
std::string percent_decode(std::string_view text, bool plus_is_space = false);

// Undoes every level (%2540 → %40 → @), '+' only at the first. Text nested deeper than anything honest is
// given as empty.
std::string percent_decode_fully(std::string_view text, bool plus_is_space = false);

}  // namespace attribution::pii
