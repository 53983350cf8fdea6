// The contracts of all services, as `npm run contracts` wrote them beside this file.
#pragma once

#include <string_view>

namespace attribution::docs {

extern const std::string_view openapi_json;
extern const std::string_view page_html;

}  // namespace attribution::docs
