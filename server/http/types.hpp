// A request as handlers see it, and the response they give back. No Beast here: handlers stay cheap to
// compile.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attribution {

template <class T>
using task = boost::asio::awaitable<T>;

}  // namespace attribution

namespace attribution::http {

struct field {
    std::string_view name;
    std::string_view value;
};

// ASCII only, as header names are.
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Views point into the session's buffer and live until the response has been sent.
struct request {
    std::string_view method;
    std::string path;                                             // percent-decoded
    std::vector<std::pair<std::string, std::string>> parameters;  // of the query, decoded, in order
    std::vector<field> fields;
    std::string_view body;
    std::string_view client_address;  // of the connection; for limits only, never stored or logged
    std::string correlation_id;
    std::string_view traceparent;  // empty when absent or not in W3C form

    std::optional<std::string_view> header(std::string_view name) const;

    // The only value of a parameter; nullopt when it is absent or given more than once (see `repeated`).
    std::optional<std::string_view> parameter(std::string_view name) const;
    bool repeated(std::string_view name) const;
};

// A body that is made while it is sent: for what is larger than memory should be.
class body_stream {
  public:
    virtual ~body_stream() = default;

    // Appends the next piece; false: that was the last one. Comes back within about a second, if need be with
    // nothing: so a client that has gone is noticed. Throws when the rest cannot be had; the client then sees
    // an answer that is cut off.
    virtual task<bool> read(std::string& into) = 0;
};

struct response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
    std::unique_ptr<body_stream> stream = nullptr;  // what comes after `body`
};

std::string_view reason_phrase(int status);

}  // namespace attribution::http
