#include "server/http/chunks.hpp"

namespace attribution::http {

namespace {

constexpr std::string_view room = "00000000\r\n";  // leading zeros are allowed
constexpr std::size_t digits = 8;

}  // namespace

std::size_t open_chunk(std::string& out) {
    out += room;
    return out.size();
}

void close_chunk(std::string& out, std::size_t content) {
    const std::size_t begin = content - room.size();
    std::size_t size = out.size() - content;
    if (size == 0) {
        out.resize(begin);
        return;
    }
    for (std::size_t i = digits; i-- > 0; size /= 16) out[begin + i] = "0123456789abcdef"[size % 16];
    out += "\r\n";
}

}  // namespace attribution::http
