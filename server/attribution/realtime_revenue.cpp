#include "server/attribution/realtime_revenue.hpp"

#include <array>
#include <map>

#include "core/errors.hpp"
#include "core/json/writer.hpp"
#include "core/money/money.hpp"
#include "core/providers/timestamp.hpp"
#include "server/attribution/report.hpp"
#include "server/db/api_key.hpp"
#include "server/db/write_json.hpp"
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

constexpr db::statement channels{
    "realtime_channels", ATTRIBUTION_BOUNDS
    " SELECT r.currency, r.channel, sum(r.amount_minor)::bigint, sum(r.entries)::bigint"
    "   FROM bounds AS b JOIN attribution.realtime_revenue AS r"
    "     ON r.tenant_id = b.tenant_id AND r.bucket_start >= b.from_at AND r.bucket_start < b.to_at"
    "  GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"};

constexpr db::statement facts{
    "realtime_facts", ATTRIBUTION_BOUNDS
    " SELECT b.tenant_id, b.time_zone, b.from_at < b.to_at,"
    "        to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
    "        to_char(b.from_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
    "        to_char(b.to_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
    "        (SELECT CASE WHEN count(*) > 0"
    "                THEN greatest(0, floor(extract(epoch FROM now() - max(r.last_booked_at))))::bigint END"
    "           FROM attribution.realtime_revenue AS r"
    "          WHERE r.tenant_id = b.tenant_id AND r.bucket_start >= b.from_at AND r.bucket_start < b.to_at)"
    "   FROM bounds AS b"};

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

void write_amount(json::writer& out, std::string_view currency, const total& t) {
    out.member("currency", currency)
        .key("amount_minor")
        .integer(t.amount_minor)
        .member("amount", money::format_minor(t.amount_minor, money::currency::from_code(currency)))
        .key("entries")
        .integer(t.entries);
}

void write_facts(json::writer& out, const db::result& f) {
    out.member("tenant_id", f.text(0, 0))
        .member("generated_at", f.text(0, 3))
        .member("from", f.text(0, 4))
        .member("to", f.text(0, 5))
        .member("time_zone", f.text(0, 1));
    db::write_number(out, "data_freshness_seconds", f, 0, 6);
}

std::string write_answer(const db::result& f, const db::result& rows) {
    std::map<std::string, total, std::less<>> totals;
    json::writer by_channel;
    by_channel.begin_array();
    for (int row = 0; row < rows.rows(); ++row) {
        const total t{report::integer(rows.text(row, 2)), report::integer(rows.text(row, 3))};
        total& sum = totals[std::string(rows.text(row, 0))];
        sum = {money::add(sum.amount_minor, t.amount_minor), sum.entries + t.entries};
        by_channel.begin_object().member("channel", rows.text(row, 1));
        write_amount(by_channel, rows.text(row, 0), t);
        by_channel.end_object();
    }
    by_channel.end_array();

    json::writer out;
    out.begin_object();
    write_facts(out, f);
    out.key("total_revenue").begin_array();
    for (const auto& [currency, sum] : totals) {
        out.begin_object();
        write_amount(out, currency, sum);
        out.end_object();
    }
    out.end_array().key("channels").raw(by_channel.text()).end_object();
    return std::move(out).text();
}

bool is_unusable_time(const db::error& e) {
    return e.sqlstate() == "22007" || e.sqlstate() == "22008" || e.sqlstate() == "22009";
}

}  // namespace

std::span<const http::route> realtime_revenue::routes() {
    return routes_of_attribution;
}

task<http::response> realtime_revenue::show(const http::request& r) {
    std::optional<db::error> failed;
    try {
        const std::string tenant_id =
            co_await db::authenticate(database_, db::as_attribution, db::api_key_of(r));
        const auto results = co_await read(tenant_id, bound(r, "from"), bound(r, "to"));
        const db::result& f = results[1];
        if (f.rows() != 1) throw http::problem(404, "The tenant of this API key is not active.");
        if (f.text(0, 2) != "t")
            throw http::problem(400, "from is not before to.",
                                "Without to, the time is now; without from, today's start.");
        http::response reply;
        reply.body = write_answer(f, results[2]);
        co_return reply;
    } catch (const db::error& e) {
        failed = e;
    } catch (const error&) {  // money::add
        throw report::sum_too_large();
    }
    if (is_unusable_time(*failed))
        throw http::problem(400, "from or to is a time that the database cannot represent.");
    if (failed->sqlstate() == "22003") throw report::sum_too_large();
    throw failures_.to_problem(*failed, r.correlation_id);
}

task<std::vector<db::result>> realtime_revenue::read(const std::string& tenant_id,
                                                     std::optional<std::string> from,
                                                     std::optional<std::string> to) {
    std::vector<db::call> calls;
    calls.emplace_back(db::set_tenant, tenant_id);
    calls.emplace_back(facts, from, to);
    calls.emplace_back(channels, from, to);
    co_return co_await database_.transaction(db::as_attribution, calls, db::access::read_only);
}

}  // namespace attribution::revenue
