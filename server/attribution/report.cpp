#include "server/attribution/report.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/money/money.hpp"
#include "core/pii/detect.hpp"
#include "core/providers/timestamp.hpp"
#include "server/db/api_key.hpp"
#include "server/http/etag.hpp"
#include "server/http/parameter.hpp"

namespace attribution::report {

namespace {

constexpr std::size_t longest_model_name = 100;

bool is_small_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// As define_model() wants it. A parameter can reach the database's log, so no personal data may be in it.
bool is_model_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_model_name && is_small_or_digit(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_small_or_digit(c) || c == '_' || c == '.' || c == '-'; }) &&
           !pii::find(text);
}

// A time or a text that was sound for this server, and is none that PostgreSQL can represent.
bool is_unusable_value(const db::error& e) {
    constexpr std::array<std::string_view, 5> states{"22007", "22008", "22009", "22021", "22P02"};
    return std::find(states.begin(), states.end(), e.sqlstate()) != states.end();
}

}  // namespace

bool is_day(std::string_view text) {
    return text.size() == 10 && providers::is_timestamp(std::string(text) + "T00:00:00Z");
}

std::optional<std::string> model_of(const http::request& r) {
    return http::parameter_of(r, "model", is_model_name, "GET /api/attribution/models lists the models.");
}

std::int64_t integer(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void write_money(json::writer& out, std::string_view name, std::int64_t minor, std::string_view currency) {
    out.key(std::string(name) + "_minor").integer(minor);
    out.member(name, money::format_minor(minor, money::currency::from_code(currency)));
}

http::problem sum_too_large() {
    return http::problem(500, "A sum of this range is larger than a 64-bit number of minor units.",
                         "Ask for a shorter range.");
}

http::problem no_such_model() {
    return http::problem(400, "The tenant has no model of this name.",
                         "GET /api/attribution/models lists the models.");
}

void write_next_cursor(json::writer& out, const std::optional<std::string>& cursor) {
    out.key("next_cursor");
    if (cursor)
        out.string(*cursor);
    else
        out.null();
}

http::response answer(const http::request& r, std::string body) {
    std::string etag = http::weak_etag(body);
    return answer(r, std::move(body), std::move(etag));
}

http::response answer(const http::request& r, std::string body, std::string etag) {
    http::response full;
    full.body = std::move(body);
    full.fields.emplace_back("Cache-Control", "private, no-cache");
    full.fields.emplace_back("Vary", "Authorization, X-API-Key");
    return http::unless_known(r, std::move(full), std::move(etag));
}

task<std::string> reader::tenant_of(const http::request& r) {
    const db::api_key key = db::api_key_of(r);
    try {
        co_return co_await db::authenticate(database_.for_lookups, db::as_attribution, key);
    } catch (const db::error& e) {
        throw failures_.to_problem(e, r.correlation_id);
    }
}

task<std::vector<db::result>> reader::read(const http::request& r, const std::string& tenant_id,
                                           std::vector<db::call> calls) {
    calls.emplace(calls.begin(), db::set_tenant, tenant_id);
    try {
        auto results = co_await database_.for_reports.transaction(tenant_id, db::as_attribution, calls,
                                                                  db::access::read_only);
        results.erase(results.begin());
        co_return results;
    } catch (const db::error& e) {
        if (e.sqlstate() == "22003") throw sum_too_large();
        if (is_unusable_value(e))
            throw http::problem(400, "A parameter has a value that the database cannot represent.");
        throw failures_.to_problem(e, r.correlation_id);
    }
}

}  // namespace attribution::report
