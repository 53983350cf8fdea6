#include "server/http/compressed_stream.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

namespace attribution::http {

namespace asio = boost::asio;

task<bool> compressed_stream::read(std::string& into) {
    piece_.clear();
    const bool more = co_await plain_->read(piece_);
    if (more && piece_.empty()) co_return true;
    const auto executor = co_await asio::this_coro::executor;
    std::exception_ptr failed;
    co_await asio::post(workers_, asio::bind_executor(workers_, asio::use_awaitable));
    try {
        gzip_.add(piece_, !more, into);
    } catch (...) {
        failed = std::current_exception();
    }
    co_await asio::post(executor, asio::use_awaitable);
    if (failed) std::rethrow_exception(failed);
    co_return more;
}

}  // namespace attribution::http
