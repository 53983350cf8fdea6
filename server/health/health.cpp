#include "server/health/health.hpp"

#include <array>

#include "core/json/writer.hpp"
#include "server/http/log.hpp"
#include "server/http/problem.hpp"

namespace attribution::health {

namespace {

constexpr std::array routes_of_health{http::route{"GET", "/api/health", http::member<&health::show>}};

constexpr db::statement ping{"ping", "SELECT 1"};

}  // namespace

std::span<const http::route> health::routes() {
    return routes_of_health;
}

task<http::response> health::show(const http::request& r) {
    try {
        const db::call c(ping);
        co_await database_.transaction(db::as_server, {&c, 1}, db::access::read_only);
    } catch (const db::error& e) {
        log::write(log::level::warn, "unhealthy", "correlation_id", r.correlation_id, "sqlstate",
                   e.sqlstate(), "reason", e.what());
        throw http::unavailable("The database cannot be used at the moment.");
    }
    json::writer body;
    body.begin_object().member("status", "ok").member("version", version_).key("services").begin_array();
    for (const std::string& service : services_) body.string(service);
    body.end_array().member("database", "ok").end_object();
    http::response reply;
    reply.body = std::move(body).text();
    co_return reply;
}

}  // namespace attribution::health
