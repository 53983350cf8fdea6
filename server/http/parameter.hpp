// A parameter of the query that has to follow a rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http/problem.hpp"
#include "server/http/types.hpp"

namespace attribution::http {

// The parameter when it is given once, nullopt when it is absent; throws problem 400, with the rule as hint,
// when it is given twice or is not what `is_sound` wants.
template <class Check>
std::optional<std::string> parameter_of(const request& r, std::string_view name, Check is_sound,
                                        std::string_view rule) {
    const auto given = r.parameter(name);
    if (!given && !r.repeated(name)) return std::nullopt;
    if (given && is_sound(*given)) return std::string(*given);
    throw problem(400, "The parameter " + std::string(name) + " is not usable.", std::string(rule));
}

}  // namespace attribution::http
