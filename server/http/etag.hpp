// Conditional requests (RFC 9110, 13): who has the current content already need not be sent it again.
#pragma once

#include <string>
#include <string_view>

#include "server/http/types.hpp"

namespace attribution::http {

// A weak ETag: two answers with the same content may differ in what is said about it, such as when it was
// read.
std::string weak_etag(std::string_view content);

// The answer with its ETag; without content, as 304, when If-None-Match names it.
response unless_known(const request& r, response full, std::string etag);

}  // namespace attribution::http
