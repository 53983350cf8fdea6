// The days that a report is about: from (inclusive) and to (exclusive) are days of the tenant's zone. Without
// to: until today, today included. Without from: 30 days.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json/writer.hpp"
#include "server/db/statement.hpp"
#include "server/http/types.hpp"

namespace attribution::report {

struct day_range {
    std::string tenant_id;
    std::string time_zone;
    std::string from;
    std::string to;
};

// The parameter from or to. Throws problem 400 for what is no day.
std::optional<std::string> day_of(const http::request& r, std::string_view name);

// Asks the database what range is meant; to be answered before the range is read.
db::call asks_for_range(const std::optional<std::string>& from, const std::optional<std::string>& to);

// What it said. Throws problem 400 when that is no range, or one of more days than this; 404 when there is no
// tenant.
day_range read_range(const db::result& said, int longest);

// Members tenant_id, from, to and time_zone.
void write_range(json::writer& out, const day_range& range);

}  // namespace attribution::report
