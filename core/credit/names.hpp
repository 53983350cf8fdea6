// Enumerators by the names that SQL gives them.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace attribution::credit {

// `names` are pairs of a name and what it stands for. nullopt when none has that name.
template <class table>
auto find_by_name(const table& names, std::string_view name) {
    const auto* const found =
        std::find_if(names.begin(), names.end(), [name](const auto& one) { return one.first == name; });
    return found == names.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace attribution::credit
