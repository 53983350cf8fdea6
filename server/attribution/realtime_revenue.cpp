#include "server/attribution/realtime_revenue.hpp"

#include <array>
#include <map>

#include "core/errors.hpp"
#include "core/json/writer.hpp"
#include "core/money/money.hpp"
#include "core/providers/timestamp.hpp"
#include "server/db/write_json.hpp"
#include "server/http/etag.hpp"
#include "server/http/parameter.hpp"
#include "server/http/problem.hpp"

namespace attribution::revenue {

namespace {

constexpr std::array routes_of_attribution{
    http::route{"GET", "/api/attribution/revenue/realtime", http::member<&realtime_revenue::show>},
};

// $1 and $2: from and to as the client gave them, or NULL. Both statements of the answer begin with this.
#define ATTRIBUTION_BOUNDS                                                                                   \
    "WITH ends AS (SELECT tenant_id, time_zone,"                                                             \
    "       CASE WHEN $2::text IS NULL THEN now()"                                                           \
    "            WHEN length($2::text) = 10 THEN ($2::text)::date::timestamp AT TIME ZONE time_zone"         \
    "            ELSE ($2::text)::timestamptz END AS to_at"                                                  \
    "  FROM attribution.tenants WHERE tenant_id = attribution.current_tenant()),"                            \
    " bounds AS (SELECT tenant_id, time_zone, to_at,"                                                        \
    "       CASE WHEN $1::text IS NULL THEN"                                                                 \
    "            date_trunc('day', (to_at - interval '1 microsecond') AT TIME ZONE time_zone) AT TIME ZONE " \
    "time_zone"                                                                                              \
    "            WHEN length($1::text) = 10 THEN ($1::text)::date::timestamp AT TIME ZONE time_zone"         \
    "            ELSE ($1::text)::timestamptz END AS from_at FROM ends)"

// Sub-selects and no join, so that the view below is read from where the range begins.
#define ATTRIBUTION_IN_BOUNDS                    \
    "r.tenant_id = attribution.current_tenant()" \
    " AND r.bucket_start >= (SELECT from_at FROM bounds) AND r.bucket_start < (SELECT to_at FROM bounds)"

constexpr db::statement channels{
    "realtime_channels", ATTRIBUTION_BOUNDS
    " SELECT r.currency, r.channel, sum(r.amount_minor)::bigint, sum(r.entries)::bigint"
    "   FROM attribution.realtime_revenue AS r"
    "  WHERE " ATTRIBUTION_IN_BOUNDS "  GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"};

constexpr db::statement facts{
    "realtime_facts", ATTRIBUTION_BOUNDS
    " SELECT b.tenant_id, b.time_zone, b.from_at < b.to_at,"
    "        " ATTRIBUTION_TIME("now()") ", " ATTRIBUTION_TIME("b.from_at") ", " ATTRIBUTION_TIME("b.to_at") ","
    "        (SELECT CASE WHEN count(*) > 0"
    "                THEN greatest(0, floor(extract(epoch FROM now() - max(r.last_booked_at))))::bigint END"
    "           FROM attribution.realtime_revenue AS r WHERE " ATTRIBUTION_IN_BOUNDS ")"
    "   FROM bounds AS b"};

// Verified is what was compared with statements on the day it happened, by the newest comparison of that day,
// and found equal. While nothing was ever compared the ledger need not be read for it.
constexpr db::statement verification{
    "realtime_verified", ATTRIBUTION_BOUNDS
    " SELECT EXISTS (SELECT FROM attribution.reconciliation_status WHERE finished_at IS NOT NULL)"
    "    AND coalesce(("
    "        SELECT bool_and(coalesce(newest.verified, false))"
    "          FROM (SELECT DISTINCT e.source, r.currency,"
    "                       (r.bucket_start AT TIME ZONE (SELECT time_zone FROM bounds))::date AS day"
    "                  FROM attribution.revenue_ledger AS r"
    "                  JOIN attribution.attribution_events AS e"
    "                    ON e.tenant_id = r.tenant_id AND e.event_id = r.event_id"
    "                 WHERE " ATTRIBUTION_IN_BOUNDS
    ") AS told"
    "          LEFT JOIN LATERAL ("
    "               SELECT s.verified FROM attribution.reconciliation_status AS s"
    "                WHERE s.source = told.source AND told.day BETWEEN s.from_day AND s.to_day"
    "                  AND (s.currency IS NULL OR s.currency = told.currency) AND s.finished_at IS NOT NULL"
    "                ORDER BY s.finished_at DESC LIMIT 1) AS newest ON true), false)"};

#undef ATTRIBUTION_IN_BOUNDS
#undef ATTRIBUTION_BOUNDS

bool is_moment(std::string_view text) {
    return report::is_day(text) || providers::is_timestamp(text);
}

std::optional<std::string> bound(const http::request& r, std::string_view name) {
    return http::parameter_of(r, name, is_moment,
                              "Write 2026-11-22, 2026-11-22T10:00:00Z, or 2026-11-22T10:00:00%2B05:30 "
                              "(a plus sign is %2B in a URL).");
}

struct total {
    std::int64_t amount_minor = 0;
    std::int64_t entries = 0;
};

using totals = std::map<std::string, total, std::less<>>;  // by currency

void write_amount(json::writer& out, std::string_view currency, const total& t) {
    out.member("currency", currency);
    report::write_money(out, "amount", t.amount_minor, currency);
    out.key("entries").integer(t.entries);
}

std::string write_channels(const db::result& rows, totals& sums) {
    json::writer out;
    out.begin_array();
    for (int row = 0; row < rows.rows(); ++row) {
        const total t{report::integer(rows.text(row, 2)), report::integer(rows.text(row, 3))};
        total& sum = sums[std::string(rows.text(row, 0))];
        sum = {money::add(sum.amount_minor, t.amount_minor), sum.entries + t.entries};
        out.begin_object().member("channel", rows.text(row, 1));
        write_amount(out, rows.text(row, 0), t);
        out.end_object();
    }
    out.end_array();
    return std::move(out).text();
}

std::string write_answer(const db::result& f, bool verified, const totals& sums, std::string_view channels) {
    json::writer out;
    out.begin_object()
        .member("tenant_id", f.text(0, 0))
        .member("generated_at", f.text(0, 3))
        .member("from", f.text(0, 4))
        .member("to", f.text(0, 5))
        .member("time_zone", f.text(0, 1));
    db::write_number(out, "data_freshness_seconds", f, 0, 6);
    out.key("verified").boolean(verified).key("total_revenue").begin_array();
    for (const auto& [currency, sum] : sums) {
        out.begin_object();
        write_amount(out, currency, sum);
        out.end_object();
    }
    out.end_array().key("channels").raw(channels).end_object();
    return std::move(out).text();
}

// Of the money and what it belongs to. Not of the time of reading, which a range without end ends with, nor
// of the age of the data.
std::string etag_of(const db::result& f, bool range_has_end, bool verified, std::string_view channels) {
    json::writer content;
    content.begin_array().string(f.text(0, 0)).string(f.text(0, 1)).string(f.text(0, 4));
    content.string(range_has_end ? f.text(0, 5) : "").boolean(verified).raw(channels).end_array();
    return http::weak_etag(content.text());
}

}  // namespace

std::span<const http::route> realtime_revenue::routes() {
    return routes_of_attribution;
}

task<http::response> realtime_revenue::show(const http::request& r) {
    const std::string tenant_id = co_await reader_.tenant_of(r);
    const auto from = bound(r, "from");
    const auto to = bound(r, "to");
    std::vector<db::call> calls;
    calls.emplace_back(facts, from, to);
    calls.emplace_back(channels, from, to);
    calls.emplace_back(verification, from, to);
    const auto results = co_await reader_.read(r, tenant_id, std::move(calls));
    const db::result& f = results[0];
    if (f.rows() != 1) throw http::problem(404, "The tenant of this API key is not active.");
    if (f.text(0, 2) != "t")
        throw http::problem(400, "from is not before to.",
                            "Without to, the time is now; without from, today's start.");
    const bool verified = results[2].text(0, 0) == "t";
    try {
        totals sums;
        const std::string by_channel = write_channels(results[1], sums);
        co_return report::answer(r, write_answer(f, verified, sums, by_channel),
                                 etag_of(f, to.has_value(), verified, by_channel));
    } catch (const error&) {  // money::add
        throw report::sum_too_large();
    }
}

}  // namespace attribution::revenue
