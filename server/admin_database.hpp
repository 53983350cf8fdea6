// The database as the subcommands see it: one call after the other, as attribution_admin.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <string>

#include "server/db/pool.hpp"

namespace attribution {

class admin_database {
  public:
    explicit admin_database(const std::string& conninfo);

    // One transaction. Throws setup_error; prints what the database warns of on standard error.
    db::result ask(const db::call& what);

  private:
    boost::asio::io_context io_{1};
    boost::asio::thread_pool workers_{1};
    db::pool database_;
};

// Bytes as SQL takes and gives them: \x and hex digits. from_bytea throws std::runtime_error for another
// form.
std::string to_bytea(std::string_view bytes);
std::string from_bytea(std::string_view text);

}  // namespace attribution
