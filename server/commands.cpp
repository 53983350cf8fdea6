#include "server/commands.hpp"

#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "server/admin_database.hpp"
#include "server/db/api_key.hpp"
#include "server/webhooks/secret_box.hpp"

namespace attribution {

namespace {

constexpr db::statement create_api_key{
    "create_api_key",
    "SELECT attribution.create_api_key(tenant_id => $1::uuid, key_id => $2, key_hash => $3::bytea, name => "
    "$4,"
    " kind => $5, allowed_origins => string_to_array($6, ' '), rate_limit => $7::integer)"};

// No origin has a blank.
std::optional<std::string> list(const std::vector<std::string>& origins) {
    if (origins.empty()) return std::nullopt;
    std::string result = origins[0];
    for (std::size_t i = 1; i < origins.size(); ++i) result += ' ' + origins[i];
    return result;
}

}  // namespace

void create_key(const config& c) {
    const db::key_kind kind = c.publishable ? db::key_kind::publishable : db::key_kind::secret;
    const db::api_key made = db::make_api_key(kind);
    std::optional<std::string> name;
    if (!c.name.empty()) name = c.name;
    std::optional<std::string> rate_limit;
    if (c.rate_limit) rate_limit = std::to_string(*c.rate_limit);
    admin_database(c.database)
        .ask(db::call(create_api_key, c.tenant, made.id, made.hash, name,
                      std::string(c.publishable ? "publishable" : "secret"), list(c.origins), rate_limit));
    std::cout << made.text << '\n';
}

void make_master_key() {
    std::cout << webhooks::secret_box::make_master_key() << '\n';
}

}  // namespace attribution
