// Reads one request's body out of raw bytes (Content-Length or chunked) with Beast's parser, which reads the
// head a second time: a request passes only if the guard and Beast agree on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace attribution::http {

class body_reader {
  public:
    enum class state { need_more, done, malformed, too_large };

    explicit body_reader(std::uint64_t limit);
    ~body_reader();
    body_reader(const body_reader&) = delete;
    body_reader& operator=(const body_reader&) = delete;

    // Takes what it can from `bytes`; `consumed` says how much. After `done`, the rest is the next request.
    state put(std::string_view bytes, std::size_t& consumed);

    // The whole body, once; after `done`.
    std::string take();

  private:
    class parser;
    std::unique_ptr<parser> parser_;
};

}  // namespace attribution::http
