// The line in front of the pool, without a database.
#include "server/db/places.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <string>
#include <thread>

namespace asio = boost::asio;
using namespace attribution;
using namespace std::chrono_literals;

namespace {

struct places_test : testing::Test {
    asio::io_context io{1};
    db::places places{io.get_executor(), 1};
    std::string log;  // per caller: + has a place, - got none

    void take(char name, std::chrono::milliseconds patience) {
        asio::co_spawn(io, wait_for(name, std::chrono::steady_clock::now() + patience), asio::detached);
    }

    task<void> wait_for(char name, std::chrono::steady_clock::time_point deadline) {
        const bool mine = co_await places.take(deadline);
        log += name;
        log += mine ? '+' : '-';
    }

    void run(std::chrono::milliseconds how_long) {
        io.restart();
        io.run_for(how_long);
    }
};

TEST_F(places_test, a_free_place_goes_to_who_has_waited_longest) {
    for (const char name : {'a', 'b', 'c'}) take(name, 10s);
    run(10ms);
    EXPECT_EQ(log, "a+");
    places.give_back();
    take('d', 10s);  // not ahead of those in line
    run(10ms);
    EXPECT_EQ(log, "a+b+");
    places.give_back();
    places.give_back();
    run(10ms);
    EXPECT_EQ(log, "a+b+c+d+");
    places.give_back();
    EXPECT_EQ(places.taken(), 0U);
}

TEST_F(places_test, who_waits_too_long_leaves_the_line) {
    take('a', 10s);
    take('b', 5ms);
    run(50ms);
    EXPECT_EQ(log, "a+b-");
    places.give_back();
    EXPECT_EQ(places.taken(), 0U);
}

// The timers of b and c have expired and wait for their turn in the loop, behind the one that gives back.
TEST_F(places_test, a_place_comes_free_in_the_turn_of_the_deadline) {
    take('a', 10s);
    take('b', 50ms);
    take('c', 50ms);
    asio::post(io, [this] {
        std::this_thread::sleep_for(70ms);
        asio::post(io, [this] { places.give_back(); });
    });
    run(200ms);
    EXPECT_EQ(log, "a+b+c-");
    EXPECT_EQ(places.taken(), 1U);
    places.give_back();
    EXPECT_EQ(places.taken(), 0U);
}

}  // namespace
