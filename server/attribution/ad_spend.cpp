#include "server/attribution/ad_spend.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

#include "core/errors.hpp"
#include "core/json/writer.hpp"
#include "core/money/money.hpp"
#include "server/attribution/day_range.hpp"
#include "server/attribution/spend_rows.hpp"
#include "server/db/write_json.hpp"
#include "server/http/problem.hpp"

namespace attribution::spend {

namespace {

constexpr int longest_range = 366;       // days
constexpr std::size_t result_size = 80;  // of a row, in the answer

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

constexpr db::statement by_day{
    "spend_by_day",
    "SELECT currency, to_char(day, 'YYYY-MM-DD'), channel, sum(spend_minor)::bigint,"
    "       sum(impressions)::bigint, sum(clicks)::bigint"
    "  FROM attribution.channel_spend"
    " WHERE tenant_id = attribution.current_tenant() AND day >= $1::date AND day < $2::date"
    " GROUP BY currency, day, channel ORDER BY day, channel, currency"};

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
    out.member("currency", currency);
    report::write_money(out, "spend", minor, currency);
}

std::string write_days(const report::day_range& range, const db::result& rows) {
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
    out.begin_object();
    report::write_range(out, range);
    out.key("total_spend").begin_array();
    for (const auto& [currency, minor] : totals) {
        out.begin_object();
        write_spend(out, currency, minor);
        out.end_object();
    }
    out.end_array().key("days").raw(days.text()).end_object();
    return std::move(out).text();
}

}  // namespace

std::span<const http::route> ad_spend::routes() {
    return routes_of_spend;
}

task<void> ad_spend::admit(const http::request& head) {
    (void)co_await reader_.tenant_of(head);
}

task<http::response> ad_spend::record(const http::request& r) {
    const std::string tenant_id = co_await reader_.tenant_of(r);
    const told_rows told = read_rows(r);
    const db::call stores(record_spend, tenant_id, told.json);
    try {
        const auto results = co_await connections_.transaction(tenant_id, db::as_attribution, {&stores, 1});
        http::response reply;
        reply.body = write_results(told, results[0], r.correlation_id);
        co_return reply;
    } catch (const db::error& e) {
        throw failures_.to_problem(e, r.correlation_id);
    }
}

task<http::response> ad_spend::show(const http::request& r) {
    const std::string tenant_id = co_await reader_.tenant_of(r);
    const auto from = report::day_of(r, "from");
    const auto to = report::day_of(r, "to");
    std::vector<db::call> calls;
    calls.push_back(report::asks_for_range(from, to));
    const auto said = co_await reader_.read(r, tenant_id, calls);
    const report::day_range range = report::read_range(said[0], longest_range);
    calls.clear();
    calls.emplace_back(by_day, range.from, range.to);
    const auto days = co_await reader_.read(r, tenant_id, calls);
    try {
        co_return report::answer(r, write_days(range, days[0]));
    } catch (const error&) {  // money::add
        throw report::sum_too_large();
    }
}

}  // namespace attribution::spend
