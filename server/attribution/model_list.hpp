// GET /api/attribution/models?cursor=&limit=: by what the tenant's revenue is divided, in the order of the
// names.
#pragma once

#include <span>

#include "server/attribution/report.hpp"
#include "server/http/router.hpp"

namespace attribution::report {

class model_list {
  public:
    explicit model_list(const pools& database) : reader_(database) {}

    task<http::response> show(const http::request& r);

    static std::span<const http::route> routes();

  private:
    reader reader_;
};

}  // namespace attribution::report
