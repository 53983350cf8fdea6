// What is wrong with the database, told in a way that can be acted on.
#pragma once

#include "server/config.hpp"
#include "server/db/pool.hpp"

namespace attribution {

// Throws setup_error when the database cannot serve without somebody's work: extension or tables missing, a
// login without the services' roles. Throws db::connection_lost when it is merely away.
task<void> check_database(db::pool& database);

// An error of the database as advice for the person at the terminal.
setup_error explain(const db::error& e);

}  // namespace attribution
