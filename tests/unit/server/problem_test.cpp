#include "server/http/problem.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "core/json/document.hpp"

using namespace attribution;

namespace {

TEST(problem, walks_the_whole_table_of_errors) {
    for (const error_kind& kind : error_kinds) {
        const http::response reply =
            to_response(http::problem_from_sqlstate(kind.sqlstate, "why", "do this"), "id");
        EXPECT_EQ(reply.status, kind.http_status);
        EXPECT_EQ(reply.content_type, "application/problem+json");
        const json::document body = json::parse(reply.body);
        EXPECT_EQ(body["type"].text(), "urn:attribution:problem:" + std::string(kind.name));
        EXPECT_EQ(body["title"].text(), kind.title);
        EXPECT_EQ(body["detail"].text(), "why");
        EXPECT_EQ(body["hint"].text(), "do this");
        EXPECT_EQ(body["correlation_id"].text(), "id");
        EXPECT_NE(http::reason_phrase(kind.http_status), "Unknown");
    }
}

TEST(problem, an_error_without_a_detail_still_says_what_it_is) {
    EXPECT_EQ(http::problem_from_sqlstate("RA009", "", "").detail, "The tenant is unknown or not active");
}

TEST(problem, a_passing_failure_asks_to_come_back) {
    for (const char* sqlstate :
         {"", "08006", "53300", "57P01", "57P03", "57014", "40001", "40P01", "55P03", "58030", "XX000"}) {
        const http::problem p = http::problem_from_sqlstate(sqlstate, "secret", "");
        EXPECT_EQ(p.status, 503) << sqlstate;
        ASSERT_EQ(p.fields.size(), 1U);
        EXPECT_EQ(p.fields[0].first, "Retry-After");
        EXPECT_EQ(p.detail.find("secret"), std::string::npos);
    }
}

TEST(problem, an_unexpected_failure_keeps_its_details) {
    for (const char* sqlstate : {"42501", "42883", "22P02", "23505"}) {
        const http::problem p = http::problem_from_sqlstate(sqlstate, "secret", "secret");
        EXPECT_EQ(p.status, 500) << sqlstate;
        EXPECT_EQ((p.detail + p.hint).find("secret"), std::string::npos);
    }
}

}  // namespace
