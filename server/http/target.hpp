// Splits a request target into its decoded path and parameters.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attribution::http {

// False when the target is no valid origin form (a broken percent escape, for example).
bool read_target(std::string_view target, std::string& path,
                 std::vector<std::pair<std::string, std::string>>& parameters);

// The other way: a path, whose characters need no escape, with parameters that may need them.
std::string write_target(std::string_view path,
                         const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace attribution::http
