#include <gtest/gtest.h>
#include <zlib.h>

#include "server/http/chunks.hpp"
#include "server/http/gzip.hpp"
#include "server/http/preference.hpp"

using namespace attribution;

namespace {

TEST(chunks, have_their_size_in_front_and_are_none_without_content) {
    std::string out = "head";
    const std::size_t content = http::open_chunk(out);
    out.append(300, 'x');
    http::close_chunk(out, content);
    EXPECT_EQ(out, "head0000012c\r\n" + std::string(300, 'x') + "\r\n");
    const std::size_t nothing = http::open_chunk(out);
    http::close_chunk(out, nothing);
    EXPECT_TRUE(out.ends_with("x\r\n"));
}

std::string inflate(const std::string& compressed) {
    z_stream stream{};
    EXPECT_EQ(::inflateInit2(&stream, 15 + 16), Z_OK);
    std::string text;
    text.resize(10'000'000);
    std::string copy = compressed;
    stream.next_in = reinterpret_cast<Bytef*>(copy.data());
    stream.avail_in = static_cast<uInt>(copy.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
    text.resize(stream.total_out);
    ::inflateEnd(&stream);
    return text;
}

TEST(gzip, comes_back_whatever_the_pieces_are) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919 % 65'537) + ",";
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{131'072}, text.size()}) {
        http::gzip gzip;
        std::string compressed;
        for (std::size_t at = 0; at < text.size(); at += piece)
            gzip.add(std::string_view(text).substr(at, piece), false, compressed);
        gzip.add({}, true, compressed);
        EXPECT_EQ(inflate(compressed), text);
    }
    http::gzip nothing;
    std::string compressed;
    nothing.add({}, true, compressed);
    EXPECT_EQ(inflate(compressed), "");
}

TEST(preference, weights_that_are_none_count_as_nothing) {
    const char* const refused[] = {"gzip;q=",  "gzip;q=2",   "gzip;q=1.5",   "gzip;q=-1", "gzip;q=0.0000",
                                   "gzip;q=x", "gzip;q=0,*", "gzip;q=0.000", "",          ",",
                                   ";q=1"};
    for (const char* value : refused) {
        http::request r;
        r.fields.push_back({"Accept-Encoding", value});
        EXPECT_FALSE(http::wants_encoding(r, "gzip")) << value;
    }
    const char* const wanted[] = {"gzip;q=1.000", "br, gzip ; q=0.001", "x;q=0.5,GZip", "*;q=0.2"};
    for (const char* value : wanted) {
        http::request r;
        r.fields.push_back({"Accept-Encoding", value});
        EXPECT_TRUE(http::wants_encoding(r, "gzip")) << value;
    }
}

}  // namespace
