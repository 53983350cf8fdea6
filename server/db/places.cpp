#include "server/db/places.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace attribution::db {

namespace asio = boost::asio;

places::places(asio::any_io_executor executor, std::size_t size)
    : executor_(std::move(executor)), size_(size) {}

task<bool> places::take(std::chrono::steady_clock::time_point deadline) {
    if (taken_ < size_) {
        ++taken_;
        co_return true;
    }
    waiter self{asio::steady_timer(executor_, deadline)};
    const auto at = line_.insert(line_.end(), &self);
    // Whether the wait ended by cancel() says nothing: the timer may have expired in the turn of the loop in
    // which the place came free, and then cancel() comes too late to be seen here.
    try {
        boost::system::error_code ignored;
        co_await self.turn.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    } catch (...) {
        if (self.called) {
            give_back();
        } else {
            line_.erase(at);
        }
        throw;
    }
    if (!self.called) line_.erase(at);
    co_return self.called;
}

void places::give_back() {
    if (line_.empty()) {
        --taken_;
        return;
    }
    waiter* const next = line_.front();
    line_.pop_front();
    next->called = true;
    next->turn.cancel();
}

}  // namespace attribution::db
