// Where an IP address stands in a text. Part of detect; not for use elsewhere.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/pii/characters.hpp"

namespace attribution::pii::detail {

// The end of the IPv4 address that begins with the digits from `at` to `run_end`, or `at`. Private and
// reserved addresses count. Four numbers without leading zeros: 1.2.3, v1.2.3.4 and 1.2.3.4.5 are versions.
std::size_t ipv4_end(std::string_view text, std::size_t at, std::size_t run_end);

// The IPv6 address that has the colon at `colon`, also with an IPv4 address at its end. Times, MAC addresses
// and C++ names are none; of an abbreviated address two groups must be left, so ::1 is none.
std::optional<span> ipv6_around(std::string_view text, std::size_t colon);

}  // namespace attribution::pii::detail
