// What a call of the database that failed means for the client, and what of it the log may say.
#pragma once

#include <string_view>

#include "server/db/error.hpp"
#include "server/http/log.hpp"
#include "server/http/problem.hpp"

namespace attribution::ingestion {

// What the database refuses now it will refuse again: retrying cannot mend the event.
bool is_permanent(const db::error& e);

class database_failures {
  public:
    // The answer; the log gets a line, at most one a second while the database is away.
    http::problem to_problem(const db::error& e, std::string_view correlation_id);

  private:
    log::once_a_second away_;
};

}  // namespace attribution::ingestion
