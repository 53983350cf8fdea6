// What the contracts of all services have for those that run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attribution::docs {

// Of an OpenAPI document: the paths and groups of tags with one of these as x-service, and what they use.
std::string select_document(std::string_view all, const std::vector<std::string>& services);

// Of a page: all lines, but not those between "<!-- of SERVICE… -->" and "<!-- end -->" where none of the
// services is one of these.
std::string select_page(std::string_view all, const std::vector<std::string>& services);

}  // namespace attribution::docs
