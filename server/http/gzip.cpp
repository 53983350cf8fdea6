#include "server/http/gzip.hpp"

#define ZLIB_CONST  // zlib does not write to what it reads
#include <zlib.h>

#include <new>
#include <stdexcept>

namespace attribution::http {

namespace {

// Level 1 makes rows of a ledger a seventh of their size; 6, zlib's own choice, takes two and a half times as
// long for an eighth.
constexpr int level = 1;
constexpr int gzip_window = 15 + 16;  // zlib's largest, with the header and trailer of gzip
constexpr int memory = 8;
constexpr std::size_t step = std::size_t{32} * 1024;

}  // namespace

struct gzip::state {
    z_stream stream{};
};

gzip::gzip() : state_(std::make_unique<state>()) {
    if (::deflateInit2(&state_->stream, level, Z_DEFLATED, gzip_window, memory, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
}

gzip::~gzip() {
    ::deflateEnd(&state_->stream);
}

void gzip::add(std::string_view piece, bool is_last, std::string& into) {
    z_stream& stream = state_->stream;
    stream.next_in = reinterpret_cast<const Bytef*>(piece.data());
    stream.avail_in = static_cast<uInt>(piece.size());
    do {
        const std::size_t made = into.size();
        into.resize(made + step);
        stream.next_out = reinterpret_cast<Bytef*>(into.data() + made);
        stream.avail_out = static_cast<uInt>(step);
        if (::deflate(&stream, is_last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
            throw std::logic_error("zlib does not know its own state");
        into.resize(made + step - stream.avail_out);
    } while (stream.avail_out == 0);
}

}  // namespace attribution::http
