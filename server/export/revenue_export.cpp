#include "server/export/revenue_export.hpp"

#include <array>

#include "server/db/api_key.hpp"
#include "server/export/export_stream.hpp"
#include "server/http/compressed_stream.hpp"
#include "server/http/preference.hpp"
#include "server/http/problem.hpp"

namespace attribution::exports {

namespace {

constexpr std::array routes_of_export{
    http::route{"GET", "/api/export/revenue", http::member<&revenue_export::show>},
};

// $1 and $2: from and to as the client gave them, or NULL; $3: model, $4: channel, or NULL.
constexpr db::statement facts{
    "export_facts",
    "SELECT b.*, b.from_at >= b.to_at FROM ("
    "SELECT CASE WHEN length($1::text) = 10 THEN ($1::text)::date::timestamp AT TIME ZONE t.time_zone"
    "            ELSE ($1::text)::timestamptz END AS from_at,"
    "       CASE WHEN length($2::text) = 10 THEN ($2::text)::date::timestamp AT TIME ZONE t.time_zone"
    "            ELSE ($2::text)::timestamptz END AS to_at,"
    "       $3::text IS NULL OR EXISTS (SELECT FROM attribution.attribution_models AS m"
    "                                    WHERE m.tenant_id = t.tenant_id AND m.name = $3) AS has_model,"
    "       $4::text IS NULL OR EXISTS (SELECT FROM attribution.channel_taxonomy AS c WHERE c.channel = $4) "
    "AS has_channel"
    "  FROM attribution.tenants AS t WHERE t.tenant_id = attribution.current_tenant()) AS b"};

// One plan, whatever the statistics say: rows in the order of revenue_ledger_bucket, each look-up a probe of
// a key. It begins at once and sorts within a quarter of an hour only; any other would sort or hash all rows
// first. And the backend notices by itself when we have hung up.
constexpr db::statement stream_settings{
    "export_settings",
    "SELECT set_config(name, value, true) FROM (VALUES"
    " ('jit', 'off'), ('enable_sort', 'off'), ('enable_bitmapscan', 'off'), ('enable_seqscan', 'off'),"
    " ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'), ('enable_memoize', 'off'), "
    "('enable_material', 'off'),"
    " ('max_parallel_workers_per_gather', '0'), ('client_connection_check_interval', '5s'),"
    " ('lock_timeout', '900ms')) AS s (name, "
    "value)"};

bool is_unusable_time(const db::error& e) {
    return e.sqlstate() == "22007" || e.sqlstate() == "22008" || e.sqlstate() == "22009";
}

std::optional<std::string> text_or_nothing(const db::result& from, int column) {
    return from.is_null(0, column) ? std::nullopt : std::optional<std::string>(from.text(0, column));
}

quote quoting_on(db::connection& connection) {
    return [&connection](std::string_view text) {
        auto literal = connection.quoted(text);
        if (!literal) throw http::problem(400, "A parameter is not valid UTF-8.");
        return std::move(*literal);
    };
}

std::string content_type_of(format as) {
    return std::string(media_type(as)) + (as == format::csv ? "; charset=utf-8; header=present" : "");
}

http::response head_of(const export_request& asked, const std::optional<std::string>& next_cursor) {
    http::response reply;
    reply.content_type = content_type_of(asked.as);
    reply.fields.emplace_back("Vary", "Accept, Accept-Encoding");
    if (asked.as == format::csv)
        reply.fields.emplace_back("Content-Disposition", R"(attachment; filename="revenue.csv")");
    if (next_cursor)
        reply.fields.emplace_back("Link", "<" + target_of(asked, *next_cursor) + R"(>; rel="next")");
    return reply;
}

task<std::optional<std::string>> find_next_page(db::connection& from, const export_request& asked,
                                                const range& within) {
    if (!asked.limit) co_return std::nullopt;
    const db::result rows = co_await from.query(end_of_page_statement(asked, within, quoting_on(from)));
    if (rows.rows() < 2) co_return std::nullopt;
    row_key last{std::string(rows.text(0, 0)), std::string(rows.text(0, 1)), {}, {}};
    if (asked.model) {
        last.channel = rows.text(0, 2);
        last.campaign = rows.text(0, 3);
    }
    co_return cursor_to(asked, last);
}

}  // namespace

std::span<const http::route> revenue_export::routes() {
    return routes_of_export;
}

task<http::response> revenue_export::show(const http::request& r) {
    std::optional<db::error> failed;
    try {
        const std::string tenant_id = co_await db::authenticate(database_, db::as_export, db::api_key_of(r));
        const export_request asked = read_request(r, tenant_id);
        const range within = co_await look_up(tenant_id, asked);
        co_return co_await begin(r, tenant_id, asked, within);
    } catch (const db::error& e) {
        failed = e;
    }
    if (is_unusable_time(*failed))
        throw http::problem(400, "from or to is a time that the database cannot represent.");
    throw failures_.to_problem(*failed, r.correlation_id);
}

// What can be told before an export takes a place.
task<range> revenue_export::look_up(const std::string& tenant_id, const export_request& asked) {
    std::vector<db::call> calls;
    calls.emplace_back(db::set_tenant, tenant_id);
    calls.emplace_back(facts, asked.from, asked.to, asked.model, asked.channel);
    const auto results = co_await database_.transaction(db::as_export, calls, db::access::read_only);
    const db::result& f = results[1];
    if (f.rows() != 1) throw http::problem(404, "The tenant of this API key is not active.");
    if (f.text(0, 2) != "t")
        throw http::problem(400, "The tenant has no model of this name.",
                            "GET /api/attribution/models lists them.");
    if (f.text(0, 3) != "t")
        throw http::problem(400, "There is no channel of this name.",
                            "attribution.channel_taxonomy lists them, such as paid_search.");
    if (f.text(0, 4) == "t")
        throw http::problem(400, "from is not before to.",
                            "Leave one of them out, or ask for a range that is not empty.");
    co_return range{text_or_nothing(f, 0), text_or_nothing(f, 1)};
}

// The answer's first piece is read before its head is sent: what fails by then is still an answer of its own.
task<http::response> revenue_export::begin(const http::request& r, const std::string& tenant_id,
                                           const export_request& asked, const range& within) {
    running_exports::place place = running_.take(tenant_id);
    db::pool::lease connection = co_await connections_.hold();
    std::vector<db::call> calls;
    calls.emplace_back(db::set_tenant, tenant_id);
    calls.emplace_back(stream_settings);
    co_await connection->begin_reading(db::as_export, calls);
    db::connection& from = *connection;
    const auto next_cursor = co_await find_next_page(from, asked, within);
    co_await from.copy_out(copy_statement(asked, within, quoting_on(from)));

    http::response reply = head_of(asked, next_cursor);
    std::unique_ptr<http::body_stream> stream =
        std::make_unique<export_stream>(std::move(place), std::move(connection), asked.as, next_cursor);
    if (http::wants_encoding(r, "gzip")) {
        stream = std::make_unique<http::compressed_stream>(std::move(stream), workers_);
        reply.fields.emplace_back("Content-Encoding", "gzip");
    }
    if (co_await stream->read(reply.body)) reply.stream = std::move(stream);
    co_return reply;
}

}  // namespace attribution::exports
