#include "server/http/request_guard.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace attribution::http;

namespace {

constexpr const char* host = "Host: x\r\n";

int status_of(const std::string& head) {
    const auto checked = read_head(head);
    const auto* refused = std::get_if<refusal>(&checked);
    return refused != nullptr ? refused->status : 200;
}

int status_with(const std::string& fields, const std::string& line = "POST /a?b=c HTTP/1.1") {
    return status_of(line + "\r\n" + host + fields + "\r\n");
}

TEST(request_guard, takes_plain_requests) {
    EXPECT_EQ(status_with(""), 200);
    EXPECT_EQ(status_with("Content-Length: 12\r\nX-Note: caf\xc3\xa9 \t and more \r\n"), 200);
    EXPECT_EQ(status_with("Transfer-Encoding: Chunked\r\n"), 200);
    EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 200);
    EXPECT_EQ(status_with("Expect: 100-Continue\r\n"), 200);
}

TEST(request_guard, refuses_what_can_be_read_in_two_ways) {
    const char* const fields[] = {
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\ntransfer-encoding: chunked\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1, 1\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x1\r\n",
        "Content-Length:\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Host: y\r\n",
        "Host: a b\r\n",
        "X: 1\r\n folded\r\n",
        "X: 1\r\n\tfolded\r\n",
        "X : 1\r\n",
        ": 1\r\n",
        "nonsense\r\n",
        "X: a\rb\r\n",
        "X: a\nb\r\n",
        "X: a\x01\r\n",
        "X: a\x7f\r\n",
    };
    for (const char* field : fields) EXPECT_EQ(status_with(field), 400) << field;
    EXPECT_EQ(status_with(std::string("X: a\0b\r\n", 8)), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: x@y\r\n\r\n"), 400);
    EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(request_guard, refuses_broken_request_lines) {
    for (const char* line : {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
                             "GET / HTTP/1.10", "G@T / HTTP/1.1", "GET http://x/ HTTP/1.1", "GET * HTTP/1.1",
                             "GET /#a HTTP/1.1", "GET /\xc3\xa9 HTTP/1.1", "GET / http/1.1", ""})
        EXPECT_EQ(status_with("", line), 400) << line;
    EXPECT_EQ(status_with("", "GET / HTTP/2.0"), 505);
    EXPECT_EQ(status_with("Expect: more\r\n"), 417);
}

TEST(request_guard, counts_fields) {
    std::string fields;
    for (int i = 0; i < 99; ++i) fields += "X: 1\r\n";
    EXPECT_EQ(status_with(fields), 200);
    EXPECT_EQ(status_with(fields + "X: 1\r\n"), 431);
}

TEST(request_guard, says_how_the_connection_goes_on) {
    const auto keeps = [](const std::string& head) {
        return std::get<request_head>(read_head(head)).keep_alive;
    };
    EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(request_guard, finds_the_end_however_the_bytes_come) {
    const std::string bytes = "GET / HTTP/1.1\r\nHost: x\r\n\r\nrest";
    std::size_t scanned = 0;
    for (std::size_t n = 0; n < 27; ++n)
        EXPECT_EQ(find_head_end(bytes.substr(0, n), scanned), std::nullopt) << n;
    EXPECT_EQ(find_head_end(bytes.substr(0, 27), scanned), 27U);
}

}  // namespace
