#include "core/pii/text.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/pii/detect.hpp"
#include "core/pii/percent.hpp"

using namespace attribution;

TEST(pii_text, percent_decoding) {
    EXPECT_EQ(pii::percent_decode("a%20b+c%2"), "a b+c%2");
    EXPECT_EQ(pii::percent_decode("a%20b+c", true), "a b c");
    EXPECT_EQ(pii::percent_decode("%zz%4"), "%zz%4");
    EXPECT_EQ(pii::percent_decode("%u0040%U00e9%u20AC%u00g0%u"), "@é€%u00g0%u");
    EXPECT_EQ(pii::percent_decode_fully("%252540"), "@");
    EXPECT_EQ(pii::percent_decode_fully("1%2B1", true), "1+1");
    EXPECT_EQ(pii::percent_decode_fully("100% off"), "100% off");
    std::string nested = "@";
    for (int level = 0; level < 30; ++level) nested = nested == "@" ? "%40" : "%25" + nested.substr(1);
    EXPECT_EQ(pii::percent_decode_fully(nested), "");
    EXPECT_TRUE(pii::find("jon" + nested + "example.com"));
}

TEST(pii_text, folds_what_is_read_as_something_else) {
    EXPECT_EQ(pii::fold_lookalikes("ｊｏｎ＠ｘ．ｃｏ﹫﹪"), "jon@x.co@%");
    EXPECT_EQ(pii::fold_lookalikes("٠١٩ ۰۹ ०९ 𝟎𝟗𝟘𝟡"), "019 09 09 0909");
    EXPECT_EQ(pii::fold_lookalikes("a\u200Bb\u2066c\u2069d\u034Fe\u180Ef\uFE0Fg\U000E0041h\u00ADi"),
              "abcdefghi");
    EXPECT_EQ(pii::fold_lookalikes("a\tb\nc\u00A0d\u205Fe"), "a b c d e");
    EXPECT_EQ(pii::fold_lookalikes("Grüße, 例え \xff"), "Grüße, 例え \xff");
    EXPECT_EQ(pii::clean_text("555\n123\n4567"), "[redacted]");
}

TEST(pii_text, cleans_text) {
    EXPECT_EQ(pii::clean_text("  spring\tsale\n"), "spring sale");
    EXPECT_EQ(pii::clean_text("bad \xff"), "");
    EXPECT_EQ(pii::clean_text("overlong \xc0\xaf"), "");
    EXPECT_EQ(pii::clean_text("jon@example.com"), "[redacted]");
    EXPECT_EQ(pii::clean_text(std::string(300, 'x')).size(), pii::max_text_length);
    EXPECT_EQ(pii::clean_text(std::string(199, 'x') + "é").size(), 199U);
    // Cut inside a number: no half of it is left.
    EXPECT_EQ(pii::clean_text(std::string(190, 'x') + " +49301234567").find("+49"), std::string::npos);
    // Cut inside an id: what is left of it would look like a number.
    EXPECT_FALSE(pii::find(pii::clean_text(std::string(188, 'x') + " +49301234567890123456")));
}
