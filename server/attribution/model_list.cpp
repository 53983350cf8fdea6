#include "server/attribution/model_list.hpp"

#include <algorithm>
#include <array>

#include "server/http/cursor.hpp"

namespace attribution::report {

namespace {

constexpr http::page_sizes sizes{100, 1000};

constexpr std::array routes_of_models{
    http::route{"GET", "/api/attribution/models", http::member<&model_list::show>},
};

// One row more than asked for tells whether there is a next page.
constexpr db::statement list_models{
    "list_models", "SELECT name, rule, params, active, " ATTRIBUTION_TIME("created_at")
                   "  FROM attribution.attribution_models"
                   " WHERE tenant_id = attribution.current_tenant() AND ($1::text IS NULL OR name > $1)"
                   " ORDER BY name LIMIT $2::integer + 1"};

std::string write_page(std::string_view tenant_id, const db::result& rows, int size, std::string_view list) {
    const int shown = std::min(rows.rows(), size);
    json::writer out;
    out.begin_object().member("tenant_id", tenant_id).key("models").begin_array();
    for (int row = 0; row < shown; ++row) {
        out.begin_object().member("name", rows.text(row, 0)).member("rule", rows.text(row, 1));
        out.key("params").raw(rows.text(row, 2)).key("active").boolean(rows.text(row, 3) == "t");
        out.member("created_at", rows.text(row, 4)).end_object();
    }
    out.end_array();
    write_next_cursor(out, rows.rows() > size
                               ? std::optional(http::write_cursor(list, {rows.text(shown - 1, 0)}))
                               : std::nullopt);
    out.end_object();
    return std::move(out).text();
}

}  // namespace

std::span<const http::route> model_list::routes() {
    return routes_of_models;
}

task<http::response> model_list::show(const http::request& r) {
    const std::string tenant_id = co_await reader_.tenant_of(r);
    const std::string list = "models " + tenant_id;
    const auto after = http::cursor_of(r, list, 1);
    if (after && !http::is_free_of_pii((*after)[0])) throw http::unusable_cursor();
    const int size = http::page_size_of(r, sizes);
    std::vector<db::call> calls;
    calls.emplace_back(list_models, after ? std::optional((*after)[0]) : std::nullopt, std::to_string(size));
    const auto results = co_await reader_.read(r, tenant_id, std::move(calls));
    co_return answer(r, write_page(tenant_id, results[0], size, list));
}

}  // namespace attribution::report
