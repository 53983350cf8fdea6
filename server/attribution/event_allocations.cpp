#include "server/attribution/event_allocations.hpp"

#include <array>
#include <limits>

#include "server/http/correlation.hpp"
#include "server/http/cursor.hpp"
#include "server/http/parameter.hpp"

namespace attribution::report {

namespace {

constexpr http::page_sizes sizes{100, 100};  // a division may have as many parts as a journey has touches
constexpr std::string_view path = "/api/attribution/allocations/";

constexpr std::array routes_of_allocations{
    http::route{"GET", "/api/attribution/allocations/*", http::member<&event_allocations::show>},
};

// $1: the event, $2: a model or NULL.
constexpr db::statement facts{
    "event_facts", "SELECT e.tenant_id, e.event_id, e.source, e.event_type, " ATTRIBUTION_TIME("e.occurred_at") ","
                   "       t.time_zone,"
                   "       $2::text IS NULL OR EXISTS (SELECT FROM attribution.attribution_models AS m"
                   "                                    WHERE m.tenant_id = t.tenant_id AND m.name = $2)"
                   "  FROM attribution.attribution_events AS e"
                   "  JOIN attribution.tenants AS t ON t.tenant_id = e.tenant_id"
                   " WHERE e.tenant_id = attribution.current_tenant() AND e.event_id = $1::uuid"};

constexpr db::statement list_entries{
    "event_entries", "SELECT l.entry_id, l.kind, l.currency, l.amount_minor, " ATTRIBUTION_TIME("l.occurred_at") ","
                     "       to_char(l.occurred_at AT TIME ZONE t.time_zone, 'YYYY-MM-DD'),"
                     "       " ATTRIBUTION_TIME("l.booked_at")
                     "  FROM attribution.revenue_ledger AS l"
                     "  JOIN attribution.tenants AS t ON t.tenant_id = l.tenant_id"
                     " WHERE l.tenant_id = attribution.current_tenant() AND l.event_id = $1::uuid"
                     " ORDER BY l.entry_id"};

// $3: whether only current ones; $4 to $6: the division after which the page begins, or NULL; $7: how many.
// The parts of one division more tell whether there is a next page.
constexpr db::statement list_parts{
    "event_parts",
    "WITH page AS ("
    "    SELECT s.tenant_id, s.entry_id, s.model, s.revision, newest.revision = s.revision AS current, s.reason,"
    "           s.made_at, row_number() OVER (ORDER BY s.entry_id, s.model, s.revision DESC) AS place"
    "      FROM attribution.revenue_ledger AS l"
    "      JOIN attribution.allocation_sets AS s ON s.tenant_id = l.tenant_id AND s.entry_id = l.entry_id"
    "     CROSS JOIN LATERAL (SELECT n.revision FROM attribution.allocation_sets AS n"
    "                          WHERE n.tenant_id = s.tenant_id AND n.entry_id = s.entry_id AND n.model = s.model"
    "                          ORDER BY n.revision DESC LIMIT 1) AS newest"
    "     WHERE l.tenant_id = attribution.current_tenant() AND l.event_id = $1::uuid"
    "       AND ($2::text IS NULL OR s.model = $2) AND (NOT $3::boolean OR s.revision = newest.revision)"
    "       AND ($4::uuid IS NULL OR (s.entry_id, s.model, -s.revision) > ($4, $5::text, -($6::integer)))"
    "     ORDER BY s.entry_id, s.model, s.revision DESC LIMIT $7::integer + 1)"
    " SELECT p.entry_id, p.model, p.revision, p.current, p.reason, " ATTRIBUTION_TIME("p.made_at") ", p.place,"
    "        a.channel, a.campaign, a.currency, a.amount_minor"
    "   FROM page AS p"
    "   JOIN ONLY attribution.attribution_allocations AS a"
    "     ON a.tenant_id = p.tenant_id AND a.entry_id = p.entry_id AND a.model = p.model AND a.revision = p.revision"
    "  ORDER BY p.place, a.channel COLLATE \"C\", a.campaign COLLATE \"C\""};

bool is_choice_of_revisions(std::string_view text) {
    return text == "all" || text == "current";
}

std::string event_of(const http::request& r) {
    std::string id = r.path.substr(path.size());
    if (!http::is_uuid(id))
        throw http::problem(400, "What follows /allocations/ in the path is not an event's id.",
                            "Give the event_id that ingestion answered, a UUID.");
    return id;
}

void write_entries(json::writer& out, const db::result& rows) {
    out.key("entries").begin_array();
    for (int row = 0; row < rows.rows(); ++row) {
        out.begin_object().member("entry_id", rows.text(row, 0)).member("kind", rows.text(row, 1));
        out.member("currency", rows.text(row, 2));
        write_money(out, "amount", integer(rows.text(row, 3)), rows.text(row, 2));
        out.member("occurred_at", rows.text(row, 4)).member("local_day", rows.text(row, 5));
        out.member("booked_at", rows.text(row, 6)).end_object();
    }
    out.end_array();
}

// Writes the division whose parts begin at this row; returns the row after them.
int write_division(json::writer& out, const db::result& rows, int row) {
    const std::string_view place = rows.text(row, 6);
    out.begin_object().member("entry_id", rows.text(row, 0)).member("model", rows.text(row, 1));
    out.key("revision").raw(rows.text(row, 2)).key("current").boolean(rows.text(row, 3) == "t");
    out.member("reason", rows.text(row, 4)).member("made_at", rows.text(row, 5));
    out.member("currency", rows.text(row, 9)).key("parts").begin_array();
    for (; row < rows.rows() && rows.text(row, 6) == place; ++row) {
        out.begin_object().member("channel", rows.text(row, 7)).member("campaign", rows.text(row, 8));
        write_money(out, "amount", integer(rows.text(row, 10)), rows.text(row, 9));
        out.end_object();
    }
    out.end_array().end_object();
    return row;
}

std::string write_page(const db::result& f, const db::result& entries, const db::result& parts, int size,
                       std::string_view list) {
    json::writer out;
    out.begin_object().member("tenant_id", f.text(0, 0)).member("event_id", f.text(0, 1));
    out.member("source", f.text(0, 2)).member("event_type", f.text(0, 3)).member("occurred_at", f.text(0, 4));
    out.member("time_zone", f.text(0, 5));
    write_entries(out, entries);
    out.key("allocations").begin_array();
    int row = 0;
    while (row < parts.rows() && integer(parts.text(row, 6)) <= size) row = write_division(out, parts, row);
    out.end_array();
    std::optional<std::string> next;
    if (row < parts.rows())
        next = http::write_cursor(list,
                                  {parts.text(row - 1, 0), parts.text(row - 1, 1), parts.text(row - 1, 2)});
    write_next_cursor(out, next);
    out.end_object();
    return std::move(out).text();
}

}  // namespace

std::span<const http::route> event_allocations::routes() {
    return routes_of_allocations;
}

task<http::response> event_allocations::show(const http::request& r) {
    const std::string tenant_id = co_await reader_.tenant_of(r);
    const std::string event_id = event_of(r);
    const auto model = model_of(r);
    const std::string revisions =
        http::parameter_of(r, "revisions", is_choice_of_revisions, "It is all (the usual) or current.")
            .value_or("all");
    const std::string list =
        "allocations " + tenant_id + ' ' + event_id + ' ' + model.value_or("") + ' ' + revisions;
    const auto after = http::cursor_of(r, list, 3);
    constexpr int largest = std::numeric_limits<int>::max();
    if (after && !(http::is_uuid((*after)[0]) && http::is_free_of_pii((*after)[1]) &&
                   http::number_up_to(largest, (*after)[2])))
        throw http::unusable_cursor();
    const int size = http::page_size_of(r, sizes);
    const auto part = [&](std::size_t i) { return after ? std::optional((*after)[i]) : std::nullopt; };

    std::vector<db::call> calls;
    calls.emplace_back(facts, event_id, model);
    calls.emplace_back(list_entries, event_id);
    calls.emplace_back(list_parts, event_id, model, revisions == "current" ? "true" : "false", part(0),
                       part(1), part(2), std::to_string(size));
    const auto results = co_await reader_.read(r, tenant_id, std::move(calls));
    if (results[0].rows() != 1)
        throw http::problem(
            404, "The tenant of this API key has no event with this id.",
            "A dead letter, too, has an id, but is no event: GET /api/ingest/dead-events lists them.");
    if (results[0].text(0, 6) != "t") throw no_such_model();
    co_return answer(r, write_page(results[0], results[1], results[2], size, list));
}

}  // namespace attribution::report
