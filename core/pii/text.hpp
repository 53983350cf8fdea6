// Small text tools that both detectors and adapters need.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace attribution::pii {

// Longest free text that is kept of what an outside party sent.
inline constexpr std::size_t max_text_length = 200;

bool is_valid_utf8(std::string_view text) noexcept;

// Full-width forms and digits of other scripts to ASCII, typographic and control characters to blanks and
// hyphens, invisible characters removed. A line break may part an address: control characters can be kept.
std::string fold_lookalikes(std::string_view text, bool keep_controls = false);

// Free text made storable: control characters become spaces, outer spaces go, findings are redacted, at most
// max_text_length bytes (cut between characters). Empty when the text is not valid UTF-8.
std::string clean_text(std::string_view text);

}  // namespace attribution::pii
