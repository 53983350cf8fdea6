#include "server/http/problem.hpp"

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "core/json/writer.hpp"

namespace attribution::http {

namespace {

struct status_name {
    int status;
    std::string_view name;
};

constexpr std::array<status_name, 15> status_names{{
    {400, "bad_request"},
    {401, "unauthorized"},
    {403, "forbidden"},
    {404, "not_found"},
    {405, "method_not_allowed"},
    {406, "not_acceptable"},
    {408, "request_timeout"},
    {413, "content_too_large"},
    {415, "unsupported_media_type"},
    {417, "expectation_failed"},
    {429, "too_many_requests"},
    {431, "header_too_large"},
    {500, "internal_error"},
    {503, "unavailable"},
    {505, "http_version_not_supported"},
}};

std::string_view name_of(int status) {
    const auto* row = std::find_if(status_names.begin(), status_names.end(),
                                   [status](const status_name& s) { return s.status == status; });
    return row == status_names.end() ? "error" : row->name;
}

// SQLSTATEs (or the classes they begin with) that mean: try again, nothing is wrong with the request.
constexpr std::array<std::string_view, 10> passing{"08",    "53",    "57P",   "57014", "40001",
                                                   "40P01", "55P03", "25006", "58",    "XX"};

bool is_passing(std::string_view sqlstate) {
    return sqlstate.empty() || std::any_of(passing.begin(), passing.end(), [&](std::string_view prefix) {
               return sqlstate.starts_with(prefix);
           });
}

}  // namespace

problem::problem(int status_code, std::string_view problem_name, std::string_view problem_title,
                 std::string detail_text, std::string hint_text)
    : status(status_code),
      name(problem_name),
      title(problem_title),
      detail(std::move(detail_text)),
      hint(std::move(hint_text)) {}

problem::problem(int status_code, std::string detail_text, std::string hint_text)
    : problem(status_code, name_of(status_code), reason_phrase(status_code), std::move(detail_text),
              std::move(hint_text)) {}

problem&& problem::with(std::string field_name, std::string value) && {
    fields.emplace_back(std::move(field_name), std::move(value));
    return std::move(*this);
}

problem unavailable(std::string detail, int retry_after_seconds, std::string hint) {
    return problem(503, std::move(detail), std::move(hint))
        .with("Retry-After", std::to_string(retry_after_seconds));
}

problem problem_from_sqlstate(std::string_view sqlstate, std::string_view detail, std::string_view hint) {
    if (const error_kind* kind = find_error_kind(sqlstate))
        return problem(kind->http_status, kind->name, kind->title,
                       std::string(detail.empty() ? kind->title : detail), std::string(hint));
    if (is_passing(sqlstate)) return unavailable("The database cannot be used at the moment.");
    return problem(500,
                   "The database refused what the server asked; the server's log has the correlation id.");
}

response to_response(const problem& p, std::string_view correlation_id) {
    json::writer body;
    body.begin_object()
        .member("type", "urn:attribution:problem:" + p.name)
        .member("title", p.title)
        .key("status")
        .integer(p.status)
        .optional_member("detail", p.detail)
        .optional_member("hint", p.hint)
        .member("correlation_id", correlation_id)
        .end_object();
    return {p.status, "application/problem+json", std::move(body).text(), p.fields};
}

}  // namespace attribution::http
