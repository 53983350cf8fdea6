// What the reports of this service share.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/http/problem.hpp"

namespace attribution::report {

// Whether text is a day that exists: 2026-11-22.
bool is_day(std::string_view text);

// A bigint as the database writes it.
std::int64_t integer(std::string_view text);

// 500: the range holds more money than a 64-bit number.
http::problem sum_too_large();

}  // namespace attribution::report
