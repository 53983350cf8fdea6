// GET /openapi.json and GET /docs: what can be asked of the services that run in this process, for programs
// and for people.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/http/router.hpp"

namespace attribution::docs {

class docs {
  public:
    explicit docs(std::vector<std::string> services);

    task<http::response> show_document(const http::request& r);
    task<http::response> show_page(const http::request& r);

    static std::span<const http::route> routes();

  private:
    std::string document_;
    std::string document_etag_;
    std::string page_;
    std::string page_etag_;
    std::string page_policy_;
};

}  // namespace attribution::docs
