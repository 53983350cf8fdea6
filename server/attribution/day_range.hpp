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

// $1 and $2: from and to, or NULL. Statements that read the range begin with this, and take its ends as
// sub-selects: a view is then read from where the range begins, which with a join it would not be.
#define ATTRIBUTION_DAYS                                                            \
    "WITH ends AS (SELECT tenant_id, time_zone,"                                    \
    "       coalesce($2::date, (now() AT TIME ZONE time_zone)::date + 1) AS to_day" \
    "  FROM attribution.tenants WHERE tenant_id = attribution.current_tenant()),"   \
    " range AS (SELECT tenant_id, time_zone, coalesce($1::date, to_day - 30) AS from_day, to_day FROM ends)"

// The condition for a row of the current tenant, on a day in the range.
#define ATTRIBUTION_IN_DAYS(row, day)                                           \
    row ".tenant_id = attribution.current_tenant()"                             \
        " AND " row "." day " >= (SELECT from_day FROM range) AND " row "." day \
        " < (SELECT to_day FROM range)"

// The range, of the same parameters.
extern const db::statement range_facts;

// The parameter from or to. Throws problem 400 for what is no day.
std::optional<std::string> day_of(const http::request& r, std::string_view name);

// Throws problem 400 when range_facts show no range, or one of more days than this; 404 when they show no
// tenant.
void check_range(const db::result& facts, int longest);

// Members tenant_id, from, to and time_zone.
void write_range(json::writer& out, const db::result& facts);

}  // namespace attribution::report
