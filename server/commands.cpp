#include "server/commands.hpp"

#include <iostream>

#include "server/admin_database.hpp"
#include "server/db/api_key.hpp"
#include "server/webhooks/secret_box.hpp"

namespace attribution {

namespace {

constexpr db::statement create_api_key{"create_api_key",
                                       "SELECT attribution.create_api_key(tenant_id => $1::uuid, key_id => "
                                       "$2, key_hash => $3::bytea, name => $4)"};

}  // namespace

void create_key(const config& c) {
    const db::api_key made = db::make_api_key();
    std::optional<std::string> name;
    if (!c.name.empty()) name = c.name;
    admin_database(c.database).ask(db::call(create_api_key, c.tenant, made.id, made.hash, name));
    std::cout << made.text << '\n';
}

void make_master_key() {
    std::cout << webhooks::secret_box::make_master_key() << '\n';
}

}  // namespace attribution
