// The id that ties a request, its rows and its log lines together, and the trace context that travels with
// it.
#pragma once

#include <string>
#include <string_view>

namespace attribution::http {

bool is_uuid(std::string_view text);

// A random UUID (version 4). An id for finding things again, not a secret.
std::string make_correlation_id();

// The client's UUID in lower case when it sent one, else a new one.
std::string correlation_id_from(std::string_view header_value);

// W3C trace context, version 00 form.
bool is_traceparent(std::string_view text);

}  // namespace attribution::http
