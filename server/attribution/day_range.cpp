#include "server/attribution/day_range.hpp"

#include "server/attribution/report.hpp"
#include "server/http/parameter.hpp"

namespace attribution::report {

constexpr db::statement range_facts{"range_facts", ATTRIBUTION_DAYS
                                    " SELECT tenant_id, time_zone, to_char(from_day, 'YYYY-MM-DD'),"
                                    "        to_char(to_day, 'YYYY-MM-DD'), to_day - from_day FROM range"};

std::optional<std::string> day_of(const http::request& r, std::string_view name) {
    return http::parameter_of(r, name, is_day, "Write a day: 2026-11-22.");
}

void check_range(const db::result& facts, int longest) {
    if (facts.rows() != 1) throw http::problem(404, "The tenant of this API key is not active.");
    const std::int64_t days = integer(facts.text(0, 4));
    if (days < 1)
        throw http::problem(
            400, "from is not before to.",
            "to is the day after the last; without it the range ends with today, without from "
            "it has 30 days.");
    if (days > longest)
        throw http::problem(400, "The range is longer than " + std::to_string(longest) + " days.",
                            "Ask for several shorter ranges.");
}

void write_range(json::writer& out, const db::result& facts) {
    out.member("tenant_id", facts.text(0, 0)).member("from", facts.text(0, 2)).member("to", facts.text(0, 3));
    out.member("time_zone", facts.text(0, 1));
}

}  // namespace attribution::report
