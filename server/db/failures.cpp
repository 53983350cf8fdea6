#include "server/db/failures.hpp"

#include "core/errors.hpp"

namespace attribution::db {

namespace {

// Messages of these classes can quote values; the others speak of the database and of our own code.
bool may_quote_values(const error& e) {
    return e.has_class("22") || e.has_class("23") || e.has_class("P0");
}

// The database is away or full: every request fails in the same way.
bool is_away(const error& e) {
    return e.has_class("08") || e.has_class("53") || e.has_class("57P");
}

}  // namespace

bool is_permanent(const error& e) {
    return e.has_class("22") || (find_error_kind(e.sqlstate()) != nullptr && e.sqlstate() != unknown_tenant);
}

http::problem failures::to_problem(const error& e, std::string_view correlation_id) {
    const auto left_out = is_away(e) ? away_.pass(std::chrono::steady_clock::now()) : 0;
    if (left_out)
        log::write(log::level::error, "database_error", "correlation_id", correlation_id, "sqlstate",
                   e.sqlstate(), "reason",
                   may_quote_values(e) ? std::string_view() : std::string_view(e.what()), "left_out",
                   *left_out);
    return http::problem_from_sqlstate(e.sqlstate(), e.detail(), e.hint());
}

}  // namespace attribution::db
