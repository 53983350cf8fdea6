#include "server/startup_check.hpp"

namespace attribution {

namespace {

// Runs as the login itself: the roles may not exist yet. Catalogues only, so that it can be asked anywhere.
constexpr db::statement whoami{"whoami", "SET LOCAL search_path = pg_catalog"};
constexpr db::statement state_of_database{
    "state_of_database",
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_attribution'),"
    "       EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = "
    "c.relnamespace"
    "                WHERE n.nspname = 'attribution' AND c.relname = 'realtime_revenue'),"
    "       EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'attribution_server'"
    "                AND pg_catalog.pg_has_role(oid, 'MEMBER')),"
    "       current_database(), session_user"};

}  // namespace

task<void> check_database(db::pool& database) {
    const db::call c(state_of_database);
    const auto results = co_await database.transaction(whoami, {&c, 1}, db::access::read_only);
    const db::result& r = results[0];
    const auto holds = [&r](int column) { return r.text(0, column) == "t"; };
    const std::string name(r.text(0, 3));
    const std::string login(r.text(0, 4));
    if (!holds(0))
        throw setup_error("the database \"" + name + "\" does not have the extension pg_attribution",
                          "as a superuser: CREATE EXTENSION pg_attribution; SELECT attribution.migrate();");
    if (!holds(1))
        throw setup_error("the tables of pg_attribution are missing in the database \"" + name + "\"",
                          "as a superuser: SELECT attribution.migrate();");
    if (!holds(2))
        throw setup_error("the login \"" + login + "\" is not a member of attribution_server",
                          "as a superuser: GRANT attribution_server TO \"" + login + "\";");
}

setup_error explain(const db::error& e) {
    std::string message = e.what();
    if (!e.detail().empty()) message += " (" + e.detail() + ")";
    if (!e.hint().empty()) return setup_error(message, e.hint());
    if (e.has_class("08")) return setup_error(message, "check --database, and that PostgreSQL runs there");
    if (e.sqlstate() == "42501")
        return setup_error(message, "use a login that is a member of attribution_admin, or a superuser's");
    if (e.sqlstate() == "3F000" || e.sqlstate() == "42883" || e.sqlstate() == "22023" ||
        e.sqlstate() == "42P01")
        return setup_error(message,
                           "as a superuser in this database: CREATE EXTENSION pg_attribution; SELECT "
                           "attribution.migrate();");
    return setup_error(message);
}

}  // namespace attribution
