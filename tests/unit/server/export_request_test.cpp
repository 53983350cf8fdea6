#include "server/export/export_request.hpp"

#include <gtest/gtest.h>

#include "server/export/export_query.hpp"
#include "server/http/problem.hpp"

using namespace attribution;
using exports::export_request;
using exports::row_key;

namespace {

http::request with(std::vector<std::pair<std::string, std::string>> parameters) {
    http::request r;
    r.parameters = std::move(parameters);
    return r;
}

// As libpq quotes; here so that what stands between the quotes can be told from SQL.
std::string quoted(std::string_view text) {
    std::string literal = "'";
    for (const char c : text) literal += c == '\'' ? std::string("''") : std::string(1, c);
    return literal + "'";
}

// The statement without its literals: nothing that a client sent may be left in it.
std::string without_literals(const std::string& sql) {
    std::string rest;
    bool inside = false;
    for (const char c : sql) {
        if (c == '\'') inside = !inside;
        if (!inside && c != '\'') rest += c;
    }
    return rest;
}

TEST(export_request, what_a_client_can_choose_stands_in_literals_only) {
    export_request asked;
    const std::string hostile = "x'; DROP TABLE t; --\\";
    asked.channel = asked.model = asked.source = asked.kind = hostile;
    asked.limit = 3;
    asked.after = row_key{hostile, hostile, hostile, hostile};
    const exports::range within{hostile, hostile};
    for (const auto& sql : {exports::copy_statement(asked, within, quoted),
                            exports::end_of_page_statement(asked, within, quoted)}) {
        EXPECT_NE(sql.find("'x''; DROP"), std::string::npos);
        EXPECT_EQ(without_literals(sql).find("DROP"), std::string::npos) << sql;
    }
}

TEST(export_request, is_refused_when_it_is_no_request) {
    const char* const bad[][2] = {{"source", "192.0.2.1"},
                                  {"source", "123-45-6789"},
                                  {"source", "a'b"},
                                  {"source", "a b"},
                                  {"source", "jon@example.com"},
                                  {"source", "-a"},
                                  {"source", ""},
                                  {"channel", "A"},
                                  {"model", "x y"},
                                  {"kind", "sale"},
                                  {"limit", "0"},
                                  {"from", "infinity"},
                                  {"from", "2026-02-30"},
                                  {"to", "now"},
                                  {"cursor", "x"},
                                  {"format", "CSV"},
                                  {"formats", "csv"},
                                  {"source", "\xff"},
                                  {"channel", "a\xc3\xa4"}};
    for (const auto& [name, value] : bad)
        EXPECT_THROW((void)exports::read_request(with({{name, value}}), "t"), http::problem)
            << name << ' ' << value;
}

TEST(export_request, a_made_up_cursor_names_a_row_or_is_refused) {
    export_request asked = exports::read_request(with({}), "t");
    const auto read = [&](const char* bucket, const char* entry) {
        const std::string cursor = exports::cursor_to(asked, {bucket, entry, {}, {}});
        return exports::read_request(with({{"cursor", cursor}}), "t").after->entry_id;
    };
    const char* const entry = "018f0000-0001-7001-8000-000000000000";
    EXPECT_EQ(read("2026-11-01T00:00:00.000000Z", entry), entry);
    EXPECT_THROW((void)read("infinity", entry), http::problem);
    EXPECT_THROW((void)read("2026-11-01T00:00:00.000000Z", "' OR true"), http::problem);

    asked = exports::read_request(with({{"model", "linear"}}), "t");
    const auto read_part = [&](const char* channel, const char* campaign) {
        const std::string cursor =
            exports::cursor_to(asked, {"2026-11-01T00:00:00.000000Z", entry, channel, campaign});
        return exports::read_request(with({{"model", "linear"}, {"cursor", cursor}}), "t").after->campaign;
    };
    EXPECT_EQ(read_part("email", "spring, '26"), "spring, '26");
    EXPECT_THROW((void)read_part("jon@example.com", ""), http::problem);
    EXPECT_THROW((void)read_part("email", "jon@example.com"), http::problem);
}

TEST(export_request, the_next_page_is_the_same_request) {
    export_request asked = exports::read_request(with({{"format", "json"},
                                                       {"limit", "5"},
                                                       {"source", "a/b:c#d"},
                                                       {"from", "2026-11-22T10:00:00+05:30"}}),
                                                 "t");
    EXPECT_EQ(
        exports::target_of(asked, "abc"),
        "/api/export/revenue?from=2026-11-22T10%3A00%3A00%2B05%3A30&source=a%2Fb%3Ac%23d&format=json&limit=5&"
        "cursor=abc");
}

}  // namespace
