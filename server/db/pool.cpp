#include "server/db/pool.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace attribution::db {

namespace asio = boost::asio;

// Gives its place in the pool back on every way out.
struct pool::lease {
    pool& from;
    std::unique_ptr<connection> held;

    explicit lease(pool& p) : from(p) { ++from.in_use_; }
    ~lease() { from.give_back(std::move(held)); }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
};

pool::pool(asio::any_io_executor executor, asio::thread_pool& workers, pool_options options)
    : executor_(std::move(executor)), workers_(workers), options_(std::move(options)) {}

task<std::vector<result>> pool::transaction(const statement& role, std::span<const call> calls, access mode) {
    const auto deadline = std::chrono::steady_clock::now() + options_.acquire_timeout;
    while (in_use_ >= options_.size) co_await wait_in_line(deadline);
    lease place(*this);
    place.held = take_idle();
    if (!place.held) place.held = co_await connection::open(workers_, options_.connect);
    co_return co_await place.held->transaction(role, calls, mode);
}

// A connection that died while it was idle (the database was restarted) is dropped here, unseen by the
// caller.
std::unique_ptr<connection> pool::take_idle() {
    while (!idle_.empty()) {
        std::unique_ptr<connection> candidate = std::move(idle_.back());
        idle_.pop_back();
        if (candidate->is_alive()) return candidate;
    }
    return nullptr;
}

task<void> pool::wait_in_line(std::chrono::steady_clock::time_point deadline) {
    asio::steady_timer turn(executor_, deadline);
    const auto place = waiting_.insert(waiting_.end(), &turn);
    boost::system::error_code called;
    co_await turn.async_wait(asio::redirect_error(asio::use_awaitable, called));
    if (called) co_return;  // give_back took the place out of the line
    waiting_.erase(place);
    throw error("53300", "no database connection became free in time");
}

void pool::give_back(std::unique_ptr<connection> used) {
    --in_use_;
    if (used && used->is_alive()) idle_.push_back(std::move(used));
    if (waiting_.empty()) return;
    asio::steady_timer* const next = waiting_.front();
    waiting_.pop_front();
    next->cancel();
}

}  // namespace attribution::db
