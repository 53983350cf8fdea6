// A stream as gzip. Compressing happens on a worker thread: a piece takes milliseconds, in which others would
// wait.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>

#include "server/http/gzip.hpp"
#include "server/http/types.hpp"

namespace attribution::http {

class compressed_stream final : public body_stream {
  public:
    compressed_stream(std::unique_ptr<body_stream> plain, boost::asio::thread_pool& workers)
        : plain_(std::move(plain)), workers_(workers) {}

    task<bool> read(std::string& into) override;

  private:
    std::unique_ptr<body_stream> plain_;
    boost::asio::thread_pool& workers_;
    gzip gzip_;
    std::string piece_;
};

}  // namespace attribution::http
