#include "core/channels/glob.hpp"

#include <gtest/gtest.h>

#include <string>

#include "seed.hpp"

using attribution::channels::glob;
namespace test = attribution::test;

namespace {

// The definition, one branch for each element of a pattern; for ASCII in small letters.
bool reference(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*') {
        for (std::size_t skip = 0; skip <= text.size(); ++skip)
            if (reference(pattern.substr(1), text.substr(skip))) return true;
        return false;
    }
    if (text.empty()) return false;
    if (pattern[0] == '?') return reference(pattern.substr(1), text.substr(1));
    if (pattern[0] == '[') {
        const bool negated = pattern.size() > 1 && pattern[1] == '!';
        const std::size_t first = negated ? 2 : 1;
        const std::size_t close = pattern.find(']', first + 1);
        if (close != std::string_view::npos) {
            bool found = false;
            for (std::size_t i = first; i < close; ++i) {
                if (i + 2 < close && pattern[i + 1] == '-') {
                    found = found || (pattern[i] <= text[0] && text[0] <= pattern[i + 2]);
                    i += 2;
                } else {
                    found = found || pattern[i] == text[0];
                }
            }
            return found != negated && reference(pattern.substr(close + 1), text.substr(1));
        }
    }
    return pattern[0] == text[0] && reference(pattern.substr(1), text.substr(1));
}

}  // namespace

TEST(glob, matches) {
    EXPECT_TRUE(glob("cpc").matches("CPC"));
    EXPECT_TRUE(glob("*CP*").matches("xcpcx"));
    EXPECT_TRUE(glob("paid*").matches("paid-social"));
    EXPECT_TRUE(glob("*").matches(""));
    EXPECT_TRUE(glob("").matches(""));
    EXPECT_TRUE(glob("?").matches("é"));
    EXPECT_TRUE(glob("[à-ü]x").matches("éx"));
    EXPECT_TRUE(glob("*[!a-df-z]shop*").matches("e-shop sale"));
    EXPECT_TRUE(glob("50[%] [*]").matches("50% *"));
    EXPECT_TRUE(glob("a[b").matches("a[b"));
    EXPECT_TRUE(glob("[[]x[]]").matches("[x]"));
    EXPECT_TRUE(glob("[a-]").matches("-"));
    EXPECT_TRUE(glob("*a*b*c").matches("xxaxxbxxbxxc"));
}

TEST(glob, does_not_match) {
    EXPECT_FALSE(glob("cpc").matches("cpcx"));
    EXPECT_FALSE(glob("cp").matches("cpc"));
    EXPECT_FALSE(glob("?*").matches(""));
    EXPECT_FALSE(glob("").matches("x"));
    EXPECT_FALSE(glob("?").matches("ab"));
    EXPECT_FALSE(glob("*[!a-df-z]shop*").matches("bishop"));
    EXPECT_FALSE(glob("[!a]").matches("A"));
    EXPECT_FALSE(glob("*a*b*c").matches("xxaxxcxxb"));
}

TEST(glob, agrees_with_its_definition_property) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    int matched = 0;
    for (int i = 0; i < 200'000; ++i) {
        const std::string pattern = random.text("aabb**?[]!-c", 8);
        const std::string text = random.text("aabbc-[]", 8);
        const bool expected = reference(pattern, text);
        matched += expected ? 1 : 0;
        ASSERT_EQ(glob(pattern).matches(text), expected) << pattern << " | " << text;
    }
    EXPECT_GT(matched, 1000);
}

TEST(glob, takes_no_exponential_time) {
    std::string pattern;
    for (int i = 0; i < 50; ++i) pattern += "a*";
    EXPECT_FALSE(glob(pattern + "b").matches(std::string(20'000, 'a')));
}
