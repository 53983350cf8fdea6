// A body compressed piece by piece, as Content-Encoding: gzip.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace attribution::http {

class gzip {
  public:
    gzip();
    ~gzip();
    gzip(const gzip&) = delete;
    gzip& operator=(const gzip&) = delete;

    // Appends what can be told of the body so far. What is held back comes with later pieces, all of it with
    // the last.
    void add(std::string_view piece, bool is_last, std::string& into);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace attribution::http
