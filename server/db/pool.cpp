#include "server/db/pool.hpp"

namespace attribution::db {

namespace asio = boost::asio;

// Out of memory here would end the process, as it should: a lost place never comes back.
// NOLINTNEXTLINE(bugprone-exception-escape)
pool::lease::~lease() {
    if (from_ != nullptr) from_->give_back(std::move(held_));
}

pool::pool(asio::any_io_executor executor, asio::thread_pool& workers, pool_options options)
    : workers_(workers), options_(std::move(options)), places_(std::move(executor), options_.size) {}

task<std::vector<result>> pool::transaction(const statement& role, std::span<const call> calls, access mode) {
    const lease place = co_await hold();
    co_return co_await place->transaction(role, calls, mode);
}

task<pool::lease> pool::hold(std::chrono::steady_clock::time_point until) {
    if (!co_await places_.take(until)) throw error("53300", "no database connection became free in time");
    lease place(*this);
    place.held_ = take_idle();
    if (!place.held_) place.held_ = co_await connection::open(workers_, options_.connect);
    co_return place;
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

void pool::give_back(std::unique_ptr<connection> used) {
    if (used && used->is_alive()) idle_.push_back(std::move(used));
    places_.give_back();
}

}  // namespace attribution::db
