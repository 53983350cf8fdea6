// GET /tracker.js: the script that shops put into their pages (tracker.js beside this file, as it stands).
#pragma once

#include <span>
#include <string>

#include "server/http/router.hpp"

namespace attribution::ingestion {

class tracker_script {
  public:
    tracker_script();

    task<http::response> show(const http::request& r);

    static std::span<const http::route> routes();

  private:
    std::string etag_;
};

}  // namespace attribution::ingestion
