// Members that Shopify's objects share.
#pragma once

#include <string>
#include <string_view>

#include "core/providers/members.hpp"

namespace attribution::providers::shopify {

// An RFC 3339 time; error RA007 when it is none.
std::string_view time_of(const shaped& from, std::string_view member);
// The time of `member`, or that of `otherwise` when it is null.
std::string_view time_of(const shaped& from, std::string_view member, std::string_view otherwise);

// A time whose second is divided: `rank` (0 to 9) orders what has the same time, written as microseconds.
std::string ranked_time(std::string_view time, int rank);

std::string order_key(std::string_view order_id);  // "shopify:order:…"

}  // namespace attribution::providers::shopify
