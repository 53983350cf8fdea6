#include "core/money/money.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/errors.hpp"
#include "seed.hpp"

using namespace attribution;

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

std::int64_t parse(std::string_view text, std::string_view code = "USD") {
    return money::parse_minor(text, money::currency::from_code(code));
}

std::string format(std::int64_t minor, std::string_view code) {
    return money::format_minor(minor, money::currency::from_code(code));
}

template <typename F>
std::string code_of(F refused) {
    try {
        refused();
    } catch (const error& problem) {
        return std::string(problem.sqlstate());
    }
    return "accepted";
}

}  // namespace

TEST(money, reads_decimals) {
    EXPECT_EQ(parse("388.00"), 38800);
    EXPECT_EQ(parse("388"), 38800);
    EXPECT_EQ(parse("388.5"), 38850);
    EXPECT_EQ(parse("0.01"), 1);
    EXPECT_EQ(parse("-0.01"), -1);
    EXPECT_EQ(parse("-0.00"), 0);
    EXPECT_EQ(parse("000388.00"), 38800);
    EXPECT_EQ(parse("12.34000000"), 1234);
    EXPECT_EQ(parse("12000", "JPY"), 12000);
    EXPECT_EQ(parse("12000.00", "JPY"), 12000);
    EXPECT_EQ(parse("1.234", "KWD"), 1234);
    EXPECT_EQ(parse("1.2345", "CLF"), 12345);
}

TEST(money, refuses_other_texts) {
    for (const char* text : {"", "-", "+1", "--1", ".5", "1.", "1e3", "1E3", "1,5", " 1", "1 ", "0x1",
                             "1.2.3", "1.-2", "NaN", "١", "12.345", "12.001", "$1"})
        EXPECT_EQ(code_of([text] { parse(text); }), "RA005") << text;
    EXPECT_EQ(code_of([] { parse("0.5", "JPY"); }), "RA005");
    EXPECT_EQ(code_of([] { parse("1.2345", "KWD"); }), "RA005");
}

TEST(money, reaches_the_ends_of_int64) {
    EXPECT_EQ(parse("92233720368547758.07"), highest);
    EXPECT_EQ(parse("-92233720368547758.08"), lowest);
    EXPECT_EQ(code_of([] { parse("92233720368547758.08"); }), "RA005");
    EXPECT_EQ(code_of([] { parse("-92233720368547758.09"); }), "RA005");
    EXPECT_EQ(parse("9223372036854775807", "JPY"), highest);
    EXPECT_EQ(code_of([] { parse("9223372036854775808", "JPY"); }), "RA005");
    EXPECT_EQ(code_of([] { parse("99999999999999999999999999"); }), "RA005");
    EXPECT_EQ(format(lowest, "USD"), "-92233720368547758.08");
    EXPECT_EQ(format(lowest, "JPY"), "-9223372036854775808");
}

TEST(money, formats_with_the_decimals_of_the_currency) {
    EXPECT_EQ(format(38800, "USD"), "388.00");
    EXPECT_EQ(format(5, "USD"), "0.05");
    EXPECT_EQ(format(-5, "USD"), "-0.05");
    EXPECT_EQ(format(0, "KWD"), "0.000");
    EXPECT_EQ(format(388, "JPY"), "388");
}

TEST(money, knows_currencies) {
    EXPECT_EQ(money::currency::from_code("JPY").exponent(), 0);
    EXPECT_EQ(money::currency::from_code("EUR").exponent(), 2);
    EXPECT_EQ(money::currency::from_code("BHD").exponent(), 3);
    EXPECT_EQ(money::currency::from_code("UYW").exponent(), 4);
    EXPECT_TRUE(money::currency::is_known("XCG"));
    for (const char* code : {"", "usd", "US", "USDX", "XXX", "XAU", "AAA", "ZZZ", "DEM"})
        EXPECT_EQ(code_of([code] { money::currency::from_code(code); }), "RA006") << code;
}

TEST(money, sums_are_checked) {
    EXPECT_EQ(money::add(2, 3), 5);
    EXPECT_EQ(money::subtract(2, 3), -1);
    EXPECT_EQ(code_of([] { money::add(highest, 1); }), "RA005");
    EXPECT_EQ(code_of([] { money::subtract(lowest, 1); }), "RA005");
    EXPECT_EQ(code_of([] { money::subtract(0, lowest); }), "RA005");
}

TEST(money, errors_do_not_quote_the_text) {
    try {
        parse("jon@example.com");
        FAIL();
    } catch (const error& problem) {
        EXPECT_EQ((problem.what() + problem.detail() + problem.hint()).find("jon"), std::string::npos);
    }
}

TEST(money, round_trip_property) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    for (int i = 0; i < 20'000; ++i) {
        const std::int64_t minor = random.any_integer() >> random.below(64);
        for (const char* code : {"JPY", "USD", "KWD", "CLF"})
            ASSERT_EQ(parse(format(minor, code), code), minor);
    }
}
