#include "server/http/log.hpp"

#include <gtest/gtest.h>

using namespace attribution;
using namespace std::chrono_literals;

TEST(log, writes_a_repeated_line_once_a_second_and_counts_the_others) {
    log::once_a_second away;
    const auto start = std::chrono::steady_clock::time_point{} + 1h;
    EXPECT_EQ(away.pass(start), 0);
    EXPECT_EQ(away.pass(start), std::nullopt);
    EXPECT_EQ(away.pass(start + 999ms), std::nullopt);
    EXPECT_EQ(away.pass(start + 1s), 2);
    EXPECT_EQ(away.pass(start + 2s), 0);
}
