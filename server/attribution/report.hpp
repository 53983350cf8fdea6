// What the reports of this service share: whose they are, how they are read, and how they are answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/writer.hpp"
#include "server/db/failures.hpp"
#include "server/db/tenant_pool.hpp"
#include "server/http/problem.hpp"
#include "server/http/types.hpp"

namespace attribution::report {

// A time as answers have it; sessions are in UTC.
#define ATTRIBUTION_TIME(column) "to_char(" column ", 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

// Whether text is a day that exists: 2026-11-22.
bool is_day(std::string_view text);

// The parameter model. Throws problem 400 for what cannot be a model's name.
std::optional<std::string> model_of(const http::request& r);

// A bigint as the database writes it.
std::int64_t integer(std::string_view text);

// Members `<name>_minor` and `<name>` in the currency.
void write_money(json::writer& out, std::string_view name, std::int64_t minor, std::string_view currency);

// 500: the range holds more money than a 64-bit number.
http::problem sum_too_large();

// 400: a model that the tenant does not have.
http::problem no_such_model();

// Member next_cursor; null on the last page.
void write_next_cursor(json::writer& out, const std::optional<std::string>& cursor);

// The answer, or 304 when the client knows its ETag.
http::response answer(const http::request& r, std::string body);
// The same for a body of which a part changes by itself, such as when it was read: the ETag is not made of
// that.
http::response answer(const http::request& r, std::string body, std::string etag);

// Look-ups of keys are short, and wait for nothing but each other.
struct pools {
    db::pool& for_lookups;
    db::tenant_pool& for_reports;
};

class reader {
  public:
    explicit reader(const pools& database) : database_(database) {}

    // Of the API key; throws problem 401 and the like.
    task<std::string> tenant_of(const http::request& r);

    // The results of the calls for the tenant, in one snapshot; throws problem.
    task<std::vector<db::result>> read(const http::request& r, const std::string& tenant_id,
                                       std::vector<db::call> calls);

  private:
    pools database_;
    db::failures failures_;
};

}  // namespace attribution::report
