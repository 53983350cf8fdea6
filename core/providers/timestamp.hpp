// Times as providers write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace attribution::providers {

// Whether text is an RFC 3339 time with a zone, of a day that exists: 2021-12-31T19:00:00-05:00. A second of
// 60 is refused, since no provider sends one and databases read it in different ways.
bool is_timestamp(std::string_view text) noexcept;

// Seconds since 1970, up to the year 9999, as RFC 3339. What one second may hold is ordered by `rank`,
// written as microseconds below 10.
std::string time_text(std::int64_t seconds, int rank = 0);

// Seconds since 1970 of such a time, without its fraction.
std::int64_t seconds_of(std::string_view timestamp) noexcept;

}  // namespace attribution::providers
