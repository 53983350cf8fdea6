#include "server/ingestion/rate_limiter.hpp"

#include <gtest/gtest.h>

using attribution::ingestion::rate_limiter;
using namespace std::chrono_literals;

namespace {

const rate_limiter::clock::time_point start{};

TEST(rate_limiter, gives_a_minutes_worth_at_once_and_then_what_comes_back) {
    rate_limiter limiter(10);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take(1, 3, start)) << i;
    EXPECT_EQ(limiter.take(1, 3, start), 20);
    EXPECT_EQ(limiter.take(1, 3, start + 500ms), 20);
    EXPECT_EQ(limiter.take(1, 3, start + 19'999ms), 1);
    EXPECT_FALSE(limiter.take(1, 3, start + 20s));
    EXPECT_EQ(limiter.take(1, 3, start + 20s), 20);
    // Never more than a minute's worth, however long it was not asked.
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take(1, 3, start + 1h)) << i;
    EXPECT_TRUE(limiter.take(1, 3, start + 1h));
}

TEST(rate_limiter, keeps_those_who_ask_apart) {
    rate_limiter limiter(10);
    EXPECT_FALSE(limiter.take(1, 1, start));
    EXPECT_TRUE(limiter.take(1, 1, start));
    EXPECT_FALSE(limiter.take(2, 1, start));
}

TEST(rate_limiter, never_remembers_more_than_it_may) {
    rate_limiter limiter(100);
    for (std::uint64_t who = 0; who < 10'000; ++who) {
        EXPECT_FALSE(limiter.take(who, 1, start));
        ASSERT_LE(limiter.size(), 100U);
    }
}

TEST(rate_limiter, forgets_those_who_have_all_again_first) {
    rate_limiter limiter(3);
    EXPECT_FALSE(limiter.take(1, 1, start));
    EXPECT_FALSE(limiter.take(2, 1, start));
    EXPECT_FALSE(limiter.take(3, 1, start + 59s));
    EXPECT_FALSE(limiter.take(4, 1, start + 61s));
    EXPECT_EQ(limiter.size(), 2U);
    EXPECT_TRUE(limiter.take(3, 1, start + 61s));
}

}  // namespace
