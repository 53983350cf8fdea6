// Pieces of a body as chunks of HTTP/1.1, made in place: a piece is appended behind the room for its size,
// and never copied.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace attribution::http {

inline constexpr std::string_view last_chunk = "0\r\n\r\n";

// Appends room for the size of a chunk; returns where its content begins.
std::size_t open_chunk(std::string& out);

// Ends the chunk that began at `content`; without content there is none, since an empty one is the last.
void close_chunk(std::string& out, std::size_t content);

}  // namespace attribution::http
