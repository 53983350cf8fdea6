#include "server/ingestion/dead_letters.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json/writer.hpp"
#include "server/db/write_json.hpp"
#include "server/http/correlation.hpp"
#include "server/http/cursor.hpp"
#include "server/http/json_body.hpp"
#include "server/http/parameter.hpp"
#include "server/http/problem.hpp"

namespace attribution::ingestion {

namespace {

constexpr int usual_page = 100;
constexpr int largest_page = 1000;

constexpr std::array routes_of_dead_letters{
    http::route{"GET", "/api/ingest/dead-events", http::member<&dead_letters::list>},
    http::route{"POST", "/api/ingest/dead-events/replay", http::member<&dead_letters::replay>,
                http::member<&dead_letters::admit>},
};

// Ids are made in the order of time, so they are pages' keys as well. One row more than asked for tells
// whether there is a next page.
constexpr db::statement list_letters{
    "list_dead_letters",
    "SELECT dead_id, status, code, detail, source, delivery_key, topic, endpoint_id, event_id, attempts,"
    "       body_length, replayable, to_char(received_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
    "       to_char(last_seen_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    "  FROM attribution.dead_letters"
    " WHERE tenant_id = attribution.current_tenant()"
    "   AND ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR dead_id < $2)"
    " ORDER BY dead_id DESC LIMIT $3::integer + 1"};
constexpr std::array<std::string_view, 9> text_columns{
    "dead_id", "status", "code", "detail", "source", "delivery_key", "topic", "endpoint_id", "event_id"};

constexpr db::statement replay_letters{
    "replay_dead_events",
    "SELECT dead_id, status, event_id, code, detail"
    "  FROM attribution.replay_dead_events(tenant_id => $1, dead_ids => $2, max_events => $3)"};

bool is_status(std::string_view text) {
    return text == "open" || text == "replayed" || text == "discarded";
}

std::string write_page(const db::result& rows, int size, std::string_view correlation_id) {
    json::writer out;
    out.begin_object().key("dead_events").begin_array();
    const int shown = std::min(rows.rows(), size);
    for (int row = 0; row < shown; ++row) {
        out.begin_object();
        int column = 0;
        for (const std::string_view name : text_columns) db::write_text(out, name, rows, row, column++);
        db::write_number(out, "attempts", rows, row, column++);
        db::write_number(out, "body_length", rows, row, column++);
        out.key("replayable").boolean(rows.text(row, column++) == "t");
        out.member("received_at", rows.text(row, column)).member("last_seen_at", rows.text(row, column + 1));
        out.end_object();
    }
    out.end_array().key("next_cursor");
    if (rows.rows() > size)
        out.string(rows.text(shown - 1, 0));
    else
        out.null();
    out.member("correlation_id", correlation_id).end_object();
    return std::move(out).text();
}

std::string write_replays(const db::result& rows, std::string_view correlation_id) {
    std::map<std::string_view, std::int64_t> counts{
        {"replayed", 0}, {"dead_lettered", 0}, {"not_replayable", 0}, {"discarded", 0}};
    json::writer out;
    out.begin_object().key("results").begin_array();
    for (int row = 0; row < rows.rows(); ++row) {
        out.begin_object().member("dead_id", rows.text(row, 0)).member("status", rows.text(row, 1));
        int column = 2;
        for (const std::string_view name : {"event_id", "code", "detail"})
            db::write_text(out, name, rows, row, column++);
        out.end_object();
        ++counts[rows.text(row, 1)];
    }
    out.end_array().key("counts").begin_object();
    for (const auto& [status, count] : counts) out.key(status).integer(count);
    out.end_object().member("correlation_id", correlation_id).end_object();
    return std::move(out).text();
}

http::problem wrong_order(std::string detail) {
    return http::problem(
        400, std::move(detail),
        R"(Send {"dead_ids": ["<uuid>", ...]} with at most 1,000 ids, or {} for all that are open; )"
        R"("limit" is a number from 1 to 1000.)");
}

// What is to be tried again, as PostgreSQL reads an array; nullopt: all.
std::optional<std::string> ids_of(json::value order) {
    const json::value ids = order["dead_ids"];
    if (ids.is_null()) return std::nullopt;
    if (!ids.is_array() || ids.size() > std::size_t{largest_page})
        throw wrong_order("The member dead_ids is not an array of at most 1,000 ids.");
    std::string array = "{";
    for (const json::value id : ids) {
        if (!id.is_string() || !http::is_uuid(id.text()))
            throw wrong_order("An element of dead_ids is not a UUID.");
        if (array.size() > 1) array += ',';
        array += id.text();
    }
    return array + "}";
}

int limit_of(json::value order) {
    const json::value limit = order["limit"];
    if (limit.is_null()) return largest_page;
    const auto size = http::number_up_to(largest_page, limit.text());
    if (!limit.is_number() || !size) throw wrong_order("The member limit is not a number from 1 to 1000.");
    return *size;
}

void check_order(json::value order) {
    if (!order.is_object()) throw wrong_order("The body is not an object.");
    for (const json::value member : order)
        if (member.key() != "dead_ids" && member.key() != "limit")
            throw wrong_order("The body has a member other than dead_ids and limit.");
}

}  // namespace

std::span<const http::route> dead_letters::routes() {
    return routes_of_dead_letters;
}

task<void> dead_letters::admit(const http::request& head) {
    (void)co_await tenants_.tenant_of(head);
}

task<http::response> dead_letters::list(const http::request& r) {
    const std::string tenant_id = co_await tenants_.tenant_of(r);
    const auto status = http::parameter_of(r, "status", is_status, "It is open, replayed or discarded.");
    const auto cursor =
        http::parameter_of(r, "cursor", http::is_uuid, "It is next_cursor of the page before.");
    const int size = http::page_size_of(r, {usual_page, largest_page});
    std::vector<db::call> calls;
    calls.emplace_back(db::set_tenant, tenant_id);
    calls.emplace_back(list_letters, status, cursor, std::to_string(size));
    try {
        const auto results = co_await database_.transaction(db::as_ingestion, calls, db::access::read_only);
        http::response reply;
        reply.body = write_page(results[1], size, r.correlation_id);
        co_return reply;
    } catch (const db::error& e) {
        throw failures_.to_problem(e, r.correlation_id);
    }
}

task<http::response> dead_letters::replay(const http::request& r) {
    const std::string tenant_id = co_await tenants_.tenant_of(r);
    const json::document body = read_json_body(r);
    check_order(body.root());
    const db::call again(replay_letters, tenant_id, ids_of(body.root()),
                         std::to_string(limit_of(body.root())));
    try {
        const auto results = co_await database_.transaction(db::as_ingestion, {&again, 1});
        http::response reply;
        reply.body = write_replays(results[0], r.correlation_id);
        co_return reply;
    } catch (const db::error& e) {
        throw failures_.to_problem(e, r.correlation_id);
    }
}

}  // namespace attribution::ingestion
