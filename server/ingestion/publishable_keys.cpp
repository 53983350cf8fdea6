#include "server/ingestion/publishable_keys.hpp"

#include <charconv>
#include <optional>
#include <vector>

#include "server/db/api_key.hpp"
#include "server/http/problem.hpp"

namespace attribution::ingestion {

namespace {

constexpr db::statement authenticate_publishable_key{
    "authenticate_publishable_key",
    "SELECT tenant_id, ' ' || array_to_string(allowed_origins, ' ') || ' ', rate_limit"
    "  FROM attribution.authenticate_publishable_key(key_id => $1, key_hash => $2)"};

http::problem unauthorized(std::string detail) {
    return http::problem(
               401, std::move(detail),
               "Put a publishable key (pgp_…) into the page: attributiond key create --publishable. "
               "Never put a secret one (pga_…) there.")
        .with("WWW-Authenticate", R"(Bearer realm="attribution")");
}

db::api_key key_in(const http::request& r) {
    if (r.repeated("key")) throw http::problem(400, "The parameter key is given more than once.");
    const auto text = r.parameter("key");
    if (!text) throw unauthorized("The parameter key is missing.");
    std::optional<db::api_key> key = db::parse_api_key(*text);
    if (!key) throw unauthorized("The key is not valid.");
    return std::move(*key);
}

std::shared_ptr<const publishable_key> read(const db::api_key& key, const db::result& found) {
    if (found.rows() != 1) return nullptr;
    publishable_key result{key.id, std::string(found.text(0, 0)), std::string(found.text(0, 1)), 0};
    const std::string_view limit = found.text(0, 2);
    std::from_chars(limit.data(), limit.data() + limit.size(), result.per_minute);
    return std::make_shared<const publishable_key>(std::move(result));
}

}  // namespace

bool publishable_key::allows(std::string_view origin) const {
    if (origin.empty() || origin.find(' ') != std::string_view::npos) return false;
    return origins.find(" " + std::string(origin) + " ") != std::string::npos;
}

task<std::shared_ptr<const publishable_key>> publishable_keys::key_of(const http::request& r) {
    using clock = short_cache<publishable_key>::clock;
    const db::api_key key = key_in(r);
    auto known = cache_.find(key.hash, clock::now());
    if (!known) {
        try {
            const db::call looks_up(authenticate_publishable_key, key.id, key.hash);
            const auto found =
                co_await database_.transaction(db::as_ingestion, {&looks_up, 1}, db::access::read_only);
            known = read(key, found[0]);
        } catch (const db::error& e) {
            throw failures_.to_problem(e, r.correlation_id);
        }
        cache_.put(key.hash, *known, clock::now());
    }
    if (*known == nullptr) throw unauthorized("The key is not valid.");
    co_return *known;
}

}  // namespace attribution::ingestion
