// A model as SQL names it: a rule, and parameters as jsonb.
#pragma once

#include <string_view>

#include "core/credit/rules.hpp"
#include "extension/src/compat.hpp"

extern "C" {
#include "utils/jsonb.h"
}

namespace attribution::credit {

inline constexpr std::string_view direct_channel = "direct";

// Throws error 22023 when there is no such rule, or a parameter is not usable.
model read_model(std::string_view rule_name, const JsonbValue& parameters);

}  // namespace attribution::credit
