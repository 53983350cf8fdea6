// A bounded set of connections, made when needed, dropped when broken. Who finds none free waits in line.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "server/db/connection.hpp"
#include "server/db/places.hpp"

namespace attribution::db {

struct pool_options {
    connect_options connect;
    std::size_t size = 4;
    std::chrono::milliseconds acquire_timeout{5'000};
};

class pool {
  public:
    pool(boost::asio::any_io_executor executor, boost::asio::thread_pool& workers, pool_options options);

    // One transaction on any connection. Throws what connection::transaction throws, and error 53300 when no
    // connection became free in time.
    task<std::vector<result>> transaction(const statement& role, std::span<const call> calls,
                                          access mode = access::read_write);

    // A connection for longer than a transaction. Gives its place in the pool back on every way out.
    class lease {
      public:
        explicit lease(pool& from) : from_(&from) {}
        lease(lease&& other) noexcept
            : from_(std::exchange(other.from_, nullptr)), held_(std::move(other.held_)) {}
        lease& operator=(lease&&) = delete;
        ~lease();

        connection* operator->() const { return held_.get(); }
        connection& operator*() const { return *held_; }

      private:
        friend pool;
        pool* from_;  // nullptr: moved from
        std::unique_ptr<connection> held_;
    };

    // Throws as transaction() does.
    task<lease> hold() { return hold(deadline()); }
    task<lease> hold(std::chrono::steady_clock::time_point until);

    // Until when who asks now waits for a connection.
    std::chrono::steady_clock::time_point deadline() const {
        return std::chrono::steady_clock::now() + options_.acquire_timeout;
    }

  private:
    std::unique_ptr<connection> take_idle();
    void give_back(std::unique_ptr<connection> used);

    boost::asio::thread_pool& workers_;
    pool_options options_;
    std::vector<std::unique_ptr<connection>> idle_;
    places places_;
};

}  // namespace attribution::db
