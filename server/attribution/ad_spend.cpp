#include "server/attribution/ad_spend.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "core/json/writer.hpp"
#include "core/money/money.hpp"
#include "server/attribution/report.hpp"
#include "server/attribution/spend_rows.hpp"
#include "server/db/api_key.hpp"
#include "server/db/write_json.hpp"
#include "server/http/parameter.hpp"
#include "server/http/problem.hpp"

namespace attribution::spend {

namespace {

constexpr std::int64_t longest_range = 366;  // days
constexpr std::size_t result_size = 80;      // of a row, in the answer

constexpr std::array routes_of_spend{
    http::route{"POST", "/api/attribution/spend", http::member<&ad_spend::record>,
                http::member<&ad_spend::admit>},
    http::route{"GET", "/api/attribution/spend", http::member<&ad_spend::show>},
};

constexpr std::array<std::string_view, 4> statuses{"created", "changed", "unchanged", "refused"};

constexpr std::array<std::string_view, 4> result_columns{"status", "code", "detail", "hint"};
constexpr db::statement record_spend{"record_spend",
                                     "SELECT status, code, detail, hint FROM "
                                     "attribution.record_spend(tenant_id => $1, rows => $2) ORDER BY item"};

// $1 and $2: from and to, or NULL. Both statements of the answer begin with this.
#define ATTRIBUTION_DAYS                                                            \
    "WITH ends AS (SELECT tenant_id, time_zone,"                                    \
    "       coalesce($2::date, (now() AT TIME ZONE time_zone)::date + 1) AS to_day" \
    "  FROM attribution.tenants WHERE tenant_id = attribution.current_tenant()),"   \
    " range AS (SELECT tenant_id, time_zone, coalesce($1::date, to_day - 30) AS from_day, to_day FROM ends)"

constexpr db::statement facts{"spend_facts", ATTRIBUTION_DAYS
                              " SELECT tenant_id, time_zone, to_char(from_day, 'YYYY-MM-DD'),"
                              "        to_char(to_day, 'YYYY-MM-DD'), to_day - from_day FROM range"};

constexpr db::statement by_day{
    "spend_by_day", ATTRIBUTION_DAYS
    " SELECT s.currency, to_char(s.day, 'YYYY-MM-DD'), s.channel, sum(s.spend_minor)::bigint,"
    "        sum(s.impressions)::bigint, sum(s.clicks)::bigint"
    "   FROM range AS r JOIN attribution.channel_spend AS s"
    "     ON s.tenant_id = r.tenant_id AND s.day >= r.from_day AND s.day < r.to_day"
    "  GROUP BY s.currency, s.day, s.channel ORDER BY s.day, s.channel, s.currency"};

#undef ATTRIBUTION_DAYS

// Rows that were refused here did not reach the database; the others have its results in their order.
std::string write_results(const told_rows& told, const db::result& stored, std::string_view correlation_id) {
    std::map<std::string_view, std::int64_t> counts;
    json::writer out(result_size * (told.refusals.size() + 1));
    out.begin_object().key("results").begin_array();
    int row = 0;
    std::int64_t index = 0;
    for (const auto& refused : told.refusals) {
        out.begin_object().key("index").integer(index++);
        if (refused) {
            out.member("status", "refused").member("code", refused->code);
            out.member("detail", refused->detail).member("hint", refused->hint);
            ++counts["refused"];
        } else {
            int column = 0;
            for (const std::string_view name : result_columns)
                db::write_text(out, name, stored, row, column++);
            ++counts[stored.text(row++, 0)];
        }
        out.end_object();
    }
    out.end_array().key("counts").begin_object();
    for (const std::string_view status : statuses) out.key(status).integer(counts[status]);
    out.end_object().member("correlation_id", correlation_id).end_object();
    return std::move(out).text();
}

void write_spend(json::writer& out, std::string_view currency, std::int64_t minor) {
    out.member("currency", currency)
        .key("spend_minor")
        .integer(minor)
        .member("spend", money::format_minor(minor, money::currency::from_code(currency)));
}

std::string write_days(const db::result& f, const db::result& rows) {
    std::map<std::string, std::int64_t, std::less<>> totals;
    json::writer days;
    days.begin_array();
    for (int row = 0; row < rows.rows(); ++row) {
        const std::int64_t minor = report::integer(rows.text(row, 3));
        std::int64_t& total = totals[std::string(rows.text(row, 0))];
        total = money::add(total, minor);
        days.begin_object().member("day", rows.text(row, 1)).member("channel", rows.text(row, 2));
        write_spend(days, rows.text(row, 0), minor);
        db::write_number(days, "impressions", rows, row, 4);
        db::write_number(days, "clicks", rows, row, 5);
        days.end_object();
    }
    days.end_array();

    json::writer out;
    out.begin_object()
        .member("tenant_id", f.text(0, 0))
        .member("from", f.text(0, 2))
        .member("to", f.text(0, 3))
        .member("time_zone", f.text(0, 1))
        .key("total_spend")
        .begin_array();
    for (const auto& [currency, minor] : totals) {
        out.begin_object();
        write_spend(out, currency, minor);
        out.end_object();
    }
    out.end_array().key("days").raw(days.text()).end_object();
    return std::move(out).text();
}

std::optional<std::string> day(const http::request& r, std::string_view name) {
    return http::parameter_of(r, name, report::is_day, "Write a day: 2026-11-22.");
}

void check_range(const db::result& f) {
    if (f.rows() != 1) throw http::problem(404, "The tenant of this API key is not active.");
    const std::int64_t days = report::integer(f.text(0, 4));
    if (days < 1)
        throw http::problem(
            400, "from is not before to.",
            "to is the day after the last; without it the range ends with today, without from "
            "it has 30 days.");
    if (days > longest_range)
        throw http::problem(400, "The range is longer than 366 days.", "Ask for several shorter ranges.");
}

}  // namespace

std::span<const http::route> ad_spend::routes() {
    return routes_of_spend;
}

task<std::string> ad_spend::tenant_of(const http::request& r) {
    const db::api_key key = db::api_key_of(r);
    try {
        co_return co_await db::authenticate(database_, db::as_attribution, key);
    } catch (const db::error& e) {
        throw failures_.to_problem(e, r.correlation_id);
    }
}

task<void> ad_spend::admit(const http::request& head) {
    (void)co_await tenant_of(head);
}

task<http::response> ad_spend::record(const http::request& r) {
    const std::string tenant_id = co_await tenant_of(r);
    const told_rows told = read_rows(r);
    const db::call stores(record_spend, tenant_id, told.json);
    try {
        const auto results = co_await database_.transaction(db::as_attribution, {&stores, 1});
        http::response reply;
        reply.body = write_results(told, results[0], r.correlation_id);
        co_return reply;
    } catch (const db::error& e) {
        throw failures_.to_problem(e, r.correlation_id);
    }
}

task<http::response> ad_spend::show(const http::request& r) {
    const std::string tenant_id = co_await tenant_of(r);
    const auto from = day(r, "from");
    const auto to = day(r, "to");
    std::vector<db::call> calls;
    calls.emplace_back(db::set_tenant, tenant_id);
    calls.emplace_back(facts, from, to);
    calls.emplace_back(by_day, from, to);
    try {
        const auto results = co_await database_.transaction(db::as_attribution, calls, db::access::read_only);
        check_range(results[1]);
        http::response reply;
        reply.body = write_days(results[1], results[2]);
        co_return reply;
    } catch (const db::error& e) {
        if (e.sqlstate() == "22003") throw report::sum_too_large();
        throw failures_.to_problem(e, r.correlation_id);
    } catch (const error&) {  // money::add
        throw report::sum_too_large();
    }
}

}  // namespace attribution::spend
