#include "server/ingestion/tenant_finder.hpp"

#include "server/db/api_key.hpp"

namespace attribution::ingestion {

task<std::string> tenant_finder::tenant_of(const http::request& r) {
    using clock = short_cache<std::string>::clock;
    const db::api_key key = db::api_key_of(r);
    if (const auto known = cache_.find(key.hash, clock::now())) co_return **known;
    try {
        auto tenant_id =
            std::make_shared<const std::string>(co_await db::authenticate(database_, db::as_ingestion, key));
        cache_.put(key.hash, tenant_id, clock::now());
        co_return *tenant_id;
    } catch (const db::error& e) {
        throw failures_.to_problem(e, r.correlation_id);
    }
}

}  // namespace attribution::ingestion
