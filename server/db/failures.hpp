// What a call of the database that failed means for the client, and what of it the log may say.
#pragma once

#include <string_view>

#include "server/db/error.hpp"
#include "server/http/log.hpp"
#include "server/http/problem.hpp"

namespace attribution::db {

// What the database refuses now it will refuse again: retrying cannot mend the event.
bool is_permanent(const error& e);

class failures {
  public:
    // The answer; the log gets a line, at most one a second while the database is away.
    http::problem to_problem(const error& e, std::string_view correlation_id);

  private:
    log::once_a_second away_;
};

}  // namespace attribution::db
