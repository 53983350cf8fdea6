// A number of places. Who finds all taken waits in line: a place that comes free goes to the one who has
// waited longest.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <list>

#include "server/http/types.hpp"

namespace attribution::db {

// How many of the places that all tenants share one of them may have: not the last one, unless there is no
// other.
constexpr std::size_t most_of_one_tenant(std::size_t all) {
    return all > 1 ? all - 1 : 1;
}

class places {
  public:
    places(boost::asio::any_io_executor executor, std::size_t size);

    // True: one place is the caller's, until give_back(). False: none came free before the deadline.
    task<bool> take(std::chrono::steady_clock::time_point deadline);
    void give_back();

    std::size_t taken() const { return taken_; }

  private:
    struct waiter {
        boost::asio::steady_timer turn;
        bool called = false;  // out of the line, with a place
    };

    boost::asio::any_io_executor executor_;
    std::size_t size_;
    std::size_t taken_ = 0;
    std::list<waiter*> line_;
};

}  // namespace attribution::db
