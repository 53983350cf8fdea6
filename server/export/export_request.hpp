// What an export is asked for: GET /api/export/revenue with its parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/types.hpp"

namespace attribution::exports {

enum class format : std::uint8_t { csv, json, ndjson };

std::string_view media_type(format f);

// Where a page begins: behind the row with this key.
struct row_key {
    std::string bucket_start;
    std::string entry_id;
    std::string channel;   // of a part only
    std::string campaign;  // of a part only
};

struct export_request {
    format as = format::csv;
    std::optional<std::string> from;
    std::optional<std::string> to;
    std::optional<std::string> channel;
    std::optional<std::string> model;  // with it a row is a part of an entry, else an entry
    std::optional<std::string> source;
    std::optional<std::string> kind;
    std::optional<int> limit;  // rows of a page; without it all of them
    std::optional<row_key> after;
    std::string list;  // names the list of which this is a page, for cursors
};

// Throws problem 400 for what is no such request, 406 when Accept names none of the formats.
export_request read_request(const http::request& r, std::string_view tenant_id);

std::string cursor_to(const export_request& asked, const row_key& last);

// The same request for the page that begins at the cursor.
std::string target_of(const export_request& asked, std::string_view cursor);

}  // namespace attribution::exports
