// Patterns of channel rules: * any text, ? one character, [abc] [a-z] one of a set, [!a-z] one not of it.
#pragma once

#include <string>
#include <string_view>

namespace attribution::channels {

// ASCII letters in small, everything else as it is.
std::string to_lower(std::string_view text);

// A compiled pattern. It must match the whole text. ASCII case does not matter; a character is a UTF-8 code
// point. A '[' without its ']' is an ordinary character; special characters are written [*], [?], [[].
// Matching never backtracks past the last '*', so it takes at most (pattern × text) steps.
class glob {
  public:
    explicit glob(std::string_view pattern);

    bool matches(std::string_view text) const { return matches_lowered(to_lower(text)); }
    // For callers that match one text against many patterns.
    bool matches_lowered(std::string_view lowered) const noexcept;

  private:
    std::string pattern_;  // in small letters
    bool literal_;         // nothing special in it: a comparison is enough
};

}  // namespace attribution::channels
