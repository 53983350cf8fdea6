#include "core/csv/csv.hpp"

#include <gtest/gtest.h>

namespace {

using namespace attribution;
using fields = std::vector<std::string>;

std::vector<fields> fields_of(std::string_view text) {
    std::vector<fields> all;
    for (const csv::record& record : csv::parse(text)) all.push_back(record.fields);
    return all;
}

// "reason, line", or nothing when the text is accepted.
std::string refusal_of(std::string_view text) {
    try {
        (void)csv::parse(text);
        return {};
    } catch (const csv::error& e) {
        return e.reason() + ", " + std::to_string(e.line());
    }
}

TEST(csv, fields_and_line_ends) {
    const std::vector<fields> two{{"a", "b"}, {"1", "2"}};
    EXPECT_EQ(fields_of("a,b\n1,2\n"), two);
    EXPECT_EQ(fields_of("a,b\r\n1,2\r\n"), two);
    EXPECT_EQ(fields_of("a,b\n1,2"), two);
    EXPECT_EQ(fields_of("\xEF\xBB\xBF"
                        "a,b\n\n\r\n1,2\n\n"),
              two);
    EXPECT_EQ(fields_of(""), std::vector<fields>{});
    EXPECT_EQ(fields_of("\n"), std::vector<fields>{});
}

TEST(csv, empty_fields_stay) {
    EXPECT_EQ(fields_of(",\n,,x\n"), (std::vector<fields>{{"", ""}, {"", "", "x"}}));
    EXPECT_EQ(fields_of("a,"), (std::vector<fields>{{"a", ""}}));
    EXPECT_EQ(fields_of("\"\""), (std::vector<fields>{{""}}));
}

TEST(csv, quoted_fields) {
    EXPECT_EQ(fields_of(R"("a,b","say ""hi""","")"), (std::vector<fields>{{"a,b", R"(say "hi")", ""}}));
    EXPECT_EQ(fields_of("\"a\r\nb\",c\n"), (std::vector<fields>{{"a\r\nb", "c"}}));
    EXPECT_EQ(fields_of(R"("""","""""")"), (std::vector<fields>{{"\"", "\"\""}}));
}

TEST(csv, a_carriage_return_inside_is_text) {
    EXPECT_EQ(fields_of("a\rb\n"), (std::vector<fields>{{"a\rb"}}));
}

TEST(csv, lines_are_counted_through_quotes_and_empty_lines) {
    const auto records = csv::parse("h\n\n\"1\n2\n3\"\nx\n");
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[0].line, 1U);
    EXPECT_EQ(records[1].line, 3U);
    EXPECT_EQ(records[2].line, 6U);
}

TEST(csv, what_is_refused) {
    EXPECT_EQ(refusal_of("a\n5\" tall\n"), "a field that does not begin with a quote has one, 2");
    EXPECT_EQ(refusal_of("a\n\"b\"c\n"), "text follows a closing quote, 2");
    EXPECT_EQ(refusal_of("a\n\"b\n"), "a quote is never closed, 2");
    EXPECT_EQ(refusal_of("\"a\"\"\n"), "a quote is never closed, 1");
    EXPECT_EQ(refusal_of("a\xFF\n"), "the text is not UTF-8, 1");
    EXPECT_EQ(refusal_of(std::string_view("a\0b\n", 4)), "the text is not UTF-8, 1");
}

}  // namespace
