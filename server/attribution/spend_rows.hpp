// The rows of ad spend in a request, as record_spend() takes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/types.hpp"

namespace attribution::spend {

// Why a row goes no further than here.
struct refusal {
    std::string_view code;  // SQLSTATE, a constant
    std::string detail;
    std::string hint;
};

struct told_rows {
    std::string json;                              // an array of those that go on, in order
    std::vector<std::optional<refusal>> refusals;  // one for each row of the body
};

// From an array (application/json) or from records under a header (text/csv). Members that a row does not
// have and texts with personal data stay here: a refused parameter could still reach the database's log. All
// else is for the database to judge. Throws problem 400 (form), 413 (too many), 415 (another type).
told_rows read_rows(const http::request& r);

}  // namespace attribution::spend
