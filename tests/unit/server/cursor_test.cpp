#include "server/http/cursor.hpp"

#include <gtest/gtest.h>

#include "server/http/problem.hpp"

using namespace attribution;

namespace {

http::request with(std::string name, std::string value) {
    http::request r;
    r.parameters.emplace_back(std::move(name), std::move(value));
    return r;
}

std::optional<std::vector<std::string>> read(const std::string& cursor, const char* list, std::size_t parts) {
    return http::cursor_of(with("cursor", cursor), list, parts);
}

TEST(cursor, comes_back_as_it_was) {
    const std::vector<std::string> keys[] = {{""},
                                             {"", ""},
                                             {"a"},
                                             {"2026-11-01", "paid_search", "", "EUR"},
                                             {"ä \"b\"\n\x01", std::string(2000, '"')}};
    for (const auto& key : keys) {
        const std::string cursor = http::write_cursor("list", {key.begin(), key.end()});
        EXPECT_EQ(
            cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
        EXPECT_EQ(read(cursor, "list", key.size()), key);
    }
    EXPECT_EQ(http::cursor_of({}, "list", 1), std::nullopt);
}

TEST(cursor, is_refused_when_it_is_another_text_or_of_another_list) {
    const std::string cursor = http::write_cursor("list", {"2026-11-01", "paid_search"});
    EXPECT_THROW(read(cursor, "list", 1), http::problem);
    EXPECT_THROW(read(cursor, "list", 3), http::problem);
    EXPECT_THROW(read(cursor, "other", 2), http::problem);
    for (std::size_t i = 0; i < cursor.size(); ++i) {
        std::string changed = cursor;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_THROW(read(changed, "list", 2), http::problem) << i;
        EXPECT_THROW(read(cursor.substr(0, i), "list", 2), http::problem) << i;
    }
    for (const char* text : {"=", "AAAA AAAA", "+/+/", "AAAAA", "\xff"})
        EXPECT_THROW(read(text, "list", 2), http::problem);
    EXPECT_THROW(read(cursor + "=", "list", 2), http::problem);
    EXPECT_THROW(read(cursor + "A", "list", 2), http::problem);
}

// The digest is over where parts begin, too.
TEST(cursor, keeps_parts_apart) {
    EXPECT_NE(http::write_cursor("list", {"a", "b"}), http::write_cursor("list", {"ab", ""}));
    EXPECT_NE(http::write_cursor("list", {"a"}).substr(0, 8), http::write_cursor("lis", {"ta"}).substr(0, 8));
}

TEST(page_size, is_a_number_within_bounds) {
    constexpr http::page_sizes sizes{20, 1000};
    EXPECT_EQ(http::page_size_of({}, sizes), 20);
    EXPECT_EQ(http::page_size_of(with("limit", "1"), sizes), 1);
    EXPECT_EQ(http::page_size_of(with("limit", "1000"), sizes), 1000);
    for (const char* text : {"0", "1001", "-1", "+1", "", " 1", "1 ", "1.0", "1e2", "99999999999999999999"})
        EXPECT_THROW(http::page_size_of(with("limit", text), sizes), http::problem) << text;
}

}  // namespace
