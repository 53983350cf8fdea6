// RFC 3339 times as PostgreSQL's timestamptz. Not timestamptz_in: it takes 'now' and 'infinity', depends on
// DateStyle, and raises where a refusal is wanted.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace attribution::ingest {

// Microseconds since 2000-01-01 00:00 UTC, rounded like PostgreSQL does, or nothing when the text is no RFC
// 3339 date-time of the years 1 to 9999. A leap second is the first second of the next minute.
[[nodiscard]] std::optional<std::int64_t> parse_rfc3339(std::string_view text);

}  // namespace attribution::ingest
