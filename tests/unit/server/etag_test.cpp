#include "server/http/etag.hpp"

#include <gtest/gtest.h>

using namespace attribution;

namespace {

int status_for(std::vector<http::field> fields, std::string etag) {
    http::request r;
    r.fields = std::move(fields);
    http::response full;
    full.body = "content";
    const http::response answer = http::unless_known(r, std::move(full), std::move(etag));
    EXPECT_EQ(answer.body.empty(), answer.status == 304);
    EXPECT_EQ(answer.fields.back().first, "ETag");
    return answer.status;
}

TEST(etag, is_of_the_content) {
    EXPECT_EQ(http::weak_etag("a"), http::weak_etag("a"));
    EXPECT_NE(http::weak_etag("a"), http::weak_etag("b"));
    EXPECT_EQ(http::weak_etag("").size(), sizeof("W/\"\"") - 1 + 32);
}

TEST(etag, is_compared_as_weak) {
    for (const char* etag : {"\"x\"", "W/\"x\""}) {
        EXPECT_EQ(status_for({}, etag), 200);
        for (const char* known : {"\"x\"", "W/\"x\"", "*", "\"y\", \"x\"", "W/\"y\",W/\"x\"",
                                  " , \"y\" ,, \"x\"", "\"a,b\", \"x\""})
            EXPECT_EQ(status_for({{"if-none-match", known}}, etag), 304) << known;
        for (const char* known :
             {"", "x", "\"xx\"", "\"x", "w/\"x\"", "\"y\"", "\"y\" x \"", "y, \"x\"", "\"W/\"x\"\"", "**"})
            EXPECT_EQ(status_for({{"If-None-Match", known}}, etag), 200) << known;
        EXPECT_EQ(status_for({{"If-None-Match", "\"y\""}, {"If-None-Match", "\"x\""}}, etag), 304);
        EXPECT_EQ(status_for({{"If-Match", "\"x\""}}, etag), 200);
    }
}

}  // namespace
