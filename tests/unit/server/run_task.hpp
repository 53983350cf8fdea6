// Runs a coroutine to its end, for tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "server/http/types.hpp"

namespace attribution {

template <class T>
T run(task<T> one) {
    boost::asio::io_context io;
    auto done = boost::asio::co_spawn(io, std::move(one), boost::asio::use_future);
    io.run();
    return done.get();
}

}  // namespace attribution
