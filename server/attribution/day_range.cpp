#include "server/attribution/day_range.hpp"

#include "server/attribution/report.hpp"
#include "server/http/parameter.hpp"

namespace attribution::report {

namespace {

constexpr db::statement resolve_range{
    "resolve_range",
    "WITH ends AS (SELECT tenant_id, time_zone,"
    "       coalesce($2::date, (now() AT TIME ZONE time_zone)::date + 1) AS to_day"
    "  FROM attribution.tenants WHERE tenant_id = attribution.current_tenant()),"
    " range AS (SELECT tenant_id, time_zone, coalesce($1::date, greatest(to_day - 30, date '0001-01-01')) AS "
    "from_day, to_day FROM ends)"
    " SELECT tenant_id, time_zone, to_char(from_day, 'YYYY-MM-DD'), to_char(to_day, 'YYYY-MM-DD'),"
    "        to_day - from_day FROM range"};

}  // namespace

std::optional<std::string> day_of(const http::request& r, std::string_view name) {
    return http::parameter_of(r, name, is_day, "Write a day: 2026-11-22.");
}

db::call asks_for_range(const std::optional<std::string>& from, const std::optional<std::string>& to) {
    return db::call(resolve_range, from, to);
}

day_range read_range(const db::result& said, int longest) {
    if (said.rows() != 1) throw http::problem(404, "The tenant of this API key is not active.");
    const std::int64_t days = integer(said.text(0, 4));
    if (days < 1)
        throw http::problem(
            400, "from is not before to.",
            "to is the day after the last; without it the range ends with today, without from "
            "it has 30 days.");
    if (days > longest)
        throw http::problem(400, "The range is longer than " + std::to_string(longest) + " days.",
                            "Ask for several shorter ranges.");
    return {std::string(said.text(0, 0)), std::string(said.text(0, 1)), std::string(said.text(0, 2)),
            std::string(said.text(0, 3))};
}

void write_range(json::writer& out, const day_range& range) {
    out.member("tenant_id", range.tenant_id).member("from", range.from).member("to", range.to);
    out.member("time_zone", range.time_zone);
}

}  // namespace attribution::report
