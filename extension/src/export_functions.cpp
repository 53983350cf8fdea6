// rfc3339() and neutralize_formula(): how exports write times and texts.

#include <array>
#include <string>
#include <string_view>

#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/timestamp.h"
}

namespace attribution {

namespace {

// As JSON has it, in UTC whatever the session's zone and DateStyle are.
Datum rfc3339(FunctionCallInfo fcinfo) {
    std::array<char, MAXDATELEN + 1> written{};
    constexpr int utc = 0;
    return call([&] {
        return make_text(JsonEncodeDateTime(written.data(), PG_GETARG_DATUM(0), TIMESTAMPTZOID, &utc));
    });
}

// What OWASP names: = + - @ and their full-width forms (U+FF1D, FF0B, FF0D, FF20), tab, carriage return, line
// feed.
bool begins_formula(std::string_view value) {
    constexpr std::string_view plain = "=+-@\t\r\n";
    if (value.empty()) return false;
    if (plain.find(value.front()) != std::string_view::npos) return true;
    return value.starts_with("\xEF\xBC\x9D") || value.starts_with("\xEF\xBC\x8B") ||
           value.starts_with("\xEF\xBC\x8D") || value.starts_with("\xEF\xBC\xA0");
}

Datum neutralize_formula(FunctionCallInfo fcinfo) {
    const std::string_view value = call([&] { return read_text(PG_GETARG_DATUM(0)); });
    if (!begins_formula(value)) return PG_GETARG_DATUM(0);
    const std::string neutral = "'" + std::string(value);
    return call([&] { return make_text(neutral); });
}

}  // namespace

}  // namespace attribution

ATTRIBUTION_FUNCTION(attribution_rfc3339) {
    return attribution::guard([&] { return attribution::rfc3339(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_neutralize_formula) {
    return attribution::guard([&] { return attribution::neutralize_formula(fcinfo); });
}
