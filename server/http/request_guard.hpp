// First look at the raw bytes of a request's head, before any parser that is lenient. Two parties that
// disagree where a request ends let one client speak in the name of another; so whatever could be read in two
// ways is refused, and the connection is closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "server/http/types.hpp"

namespace attribution::http {

inline constexpr std::size_t max_head_bytes = std::size_t{8} * 1024;
inline constexpr std::size_t max_head_fields = 100;

struct request_head {
    std::string_view method;
    std::string_view target;  // origin form, undecoded
    bool http_1_1 = true;
    bool keep_alive = true;
    bool expects_continue = false;
    bool chunked = false;
    std::uint64_t content_length = 0;
    std::vector<field> fields;

    bool has_body() const { return chunked || content_length > 0; }
};

// Why a head was refused; the texts name no byte of the request.
struct refusal {
    int status;
    std::string_view detail;
};

// Length of the head (blank line included) when `bytes` holds a whole one. `scanned` remembers how far
// earlier calls looked, so that a head that comes byte by byte is not searched again from its start.
std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t& scanned);

// True when what came so far can no longer become a good head (a bare CR or LF, a control character).
bool is_hopeless(std::string_view bytes);

// Checks and splits a whole head, as find_head_end delimited it.
std::variant<request_head, refusal> read_head(std::string_view head);

}  // namespace attribution::http
