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
    EXPECT_EQ(pii::percent_decode_fully("%252540"), "@");
    EXPECT_EQ(pii::percent_decode_fully("1%2B1", true), "1+1");
    EXPECT_EQ(pii::percent_decode_fully("100% off"), "100% off");
    std::string nested = "@";
    for (int level = 0; level < 30; ++level) nested = nested == "@" ? "%40" : "%25" + nested.substr(1);
    EXPECT_EQ(pii::percent_decode_fully(nested), "");
    EXPECT_TRUE(pii::find("jon" + nested + "example.com"));
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
