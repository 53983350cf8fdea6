// How the guard trigger, find_pii() and redact_pii() judge the names of members; values are judged by
// find_in().
#pragma once

#include <optional>
#include <string_view>

#include "core/pii/detect.hpp"

namespace attribution::pii {

// Why a member must not be: its name says that it holds personal data, or is personal data itself.
[[nodiscard]] std::optional<kind> judge_name(std::string_view name);

// Names that are personal data themselves are never repeated.
[[nodiscard]] bool is_masked_name(std::string_view name);

}  // namespace attribution::pii
