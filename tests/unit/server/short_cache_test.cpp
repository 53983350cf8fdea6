#include "server/ingestion/short_cache.hpp"

#include <gtest/gtest.h>

using namespace attribution::ingestion;
using namespace std::chrono_literals;

namespace {

using endpoints = short_cache<std::string>;

const auto now = endpoints::clock::time_point{} + 1h;

TEST(short_cache, forgets_found_and_missing_each_in_its_time) {
    endpoints cache({.found_for = 30s, .missing_for = 5s});
    const auto found = std::make_shared<const std::string>("an endpoint");
    cache.put("whe_1", found, now);
    cache.put("whe_2", nullptr, now);
    EXPECT_EQ(cache.find("whe_1", now + 29s), std::optional(found));
    EXPECT_EQ(cache.find("whe_1", now + 30s), std::nullopt);
    ASSERT_TRUE(cache.find("whe_2", now + 4s).has_value());
    EXPECT_EQ(*cache.find("whe_2", now + 4s), nullptr);
    EXPECT_EQ(cache.find("whe_2", now + 5s), std::nullopt);
    EXPECT_EQ(cache.find("whe_3", now), std::nullopt);
}

TEST(short_cache, is_bounded_and_drops_misses_first) {
    endpoints cache({.found_for = 30s, .missing_for = 5s, .capacity = 10});
    const auto found = std::make_shared<const std::string>("an endpoint");
    cache.put("whe_good", found, now);
    for (int i = 0; i < 1000; ++i) cache.put("whe_" + std::to_string(i), nullptr, now);
    EXPECT_LE(cache.size(), 10U);
    EXPECT_EQ(cache.find("whe_good", now), std::optional(found));
    for (int i = 0; i < 1000; ++i) cache.put("whe_" + std::to_string(i), found, now);
    EXPECT_LE(cache.size(), 10U);
}

}  // namespace
