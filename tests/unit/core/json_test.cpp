#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "seed.hpp"

using namespace attribution;
using namespace std::string_literals;

namespace {

std::string reason_for(std::string_view text) {
    try {
        json::parse(text);
    } catch (const json::error& refused) {
        return refused.reason();
    }
    return "accepted";
}

void write(json::writer& out, json::value from) {
    switch (from.kind()) {
        case json::kind::object:
            out.begin_object();
            for (const json::value member : from) write(out.key(member.key()), member);
            out.end_object();
            break;
        case json::kind::array:
            out.begin_array();
            for (const json::value element : from) write(out, element);
            out.end_array();
            break;
        case json::kind::string:
            out.string(from.text());
            break;
        case json::kind::null:
            out.null();
            break;
        default:
            out.raw(from.text());
    }
}

std::string rewrite(std::string_view text) {
    const json::document document = json::parse(text);
    json::writer out;
    write(out, document.root());
    return out.text();
}

std::string random_json(test::random_source& random, int depth) {
    static const std::vector<std::string> scalars{"null",
                                                  "true",
                                                  "false",
                                                  "0",
                                                  "-0",
                                                  "820982911946154508",
                                                  "1e400",
                                                  "-12.3400",
                                                  "1E-7",
                                                  "\"\"",
                                                  "\"a\\\"\\\\b\"",
                                                  "\"\\u0001é€😀\""};
    const std::size_t choice = random.below(depth > 0 ? 4 : 2);
    if (choice < 2) return scalars[random.below(scalars.size())];
    std::string body;
    for (std::size_t i = 0, count = random.below(5); i < count; ++i) {
        if (i > 0) body += ',';
        if (choice == 3) body += "\"k" + std::to_string(i) + "\":";
        body += random_json(random, depth - 1);
    }
    return choice == 2 ? "[" + body + "]" : "{" + body + "}";
}

}  // namespace

TEST(json, keeps_numbers_as_written) {
    for (const std::string number : {"820982911946154508", "18446744073709551616", "1e400", "-0", "0.10",
                                     "12.3400E+05", "388.00", "1234567890123456789012345678901234567890"})
        EXPECT_EQ(json::parse("[" + number + "]").root().begin()->text(), number);
}

TEST(json, finds_members_and_elements) {
    const json::document document =
        json::parse(R"({"a":{"b":[1,"x",null,true]},"c":"\u00e9\/\n\ud83d\ude00"})");
    EXPECT_EQ(document["a"]["b"].size(), 4U);
    std::vector<std::string> texts;
    for (const json::value element : document["a"]["b"]) texts.emplace_back(element.text());
    EXPECT_EQ(texts, (std::vector<std::string>{"1", "x", "", "true"}));
    EXPECT_EQ(document["c"].text(), "é/\n😀");
    EXPECT_FALSE(document["a"]["missing"]["deeper"].exists());
    EXPECT_TRUE(document["a"]["missing"].is_null());
    EXPECT_FALSE(document["c"]["of a string"].exists());
    for (const json::value nothing : document["missing"]) FAIL() << nothing.text();
    for (const json::value nothing : document["c"]) FAIL() << nothing.text();
}

TEST(json, survives_moving_the_document) {
    json::document first = json::parse(R"({"a":"kept"})");
    const json::value handle = first["a"];
    const json::document second = std::move(first);
    EXPECT_EQ(handle.text(), "kept");
    EXPECT_EQ(second["a"].text(), "kept");
}

TEST(json, refuses_with_a_reason) {
    EXPECT_EQ(reason_for(R"({"a":1,"b":2,"a":3})"), "duplicate member name");
    EXPECT_EQ(reason_for(R"({"a":1,"\u0061":3})"), "duplicate member name");
    EXPECT_EQ(reason_for(R"({"x":{"a":1},"y":{"a":1}})"), "accepted");
    EXPECT_EQ(reason_for(R"(["\ud800\u0041"])"), "lone surrogate");
    EXPECT_EQ(reason_for(R"(["\udc00"])"), "lone surrogate");
    EXPECT_EQ(reason_for(R"(["\u0000"])"), "U+0000 in a text");
    EXPECT_EQ(reason_for(R"({"\u0000":1})"), "U+0000 in a text");
    EXPECT_EQ(reason_for("{} {}"), "more text after the value");
    EXPECT_EQ(reason_for("{}x"), "more text after the value");
    EXPECT_EQ(reason_for("{} \n\t "), "accepted");
    EXPECT_EQ(reason_for("{\"a\":"), "the text ends too early");
    EXPECT_EQ(reason_for(""), "the text ends too early");
    EXPECT_EQ(reason_for("[" + std::string(json::max_number_length + 1, '1') + "]"), "number too long");
    EXPECT_EQ(reason_for("[" + std::string(json::max_number_length, '1') + "]"), "accepted");
}

TEST(json, refuses_what_is_not_json) {
    for (const std::string& text :
         {"[\"\xff\"]"s, "[\"\xc0\xaf\"]"s, "[\"\xed\xa0\x80\"]"s, "[01]"s,           "[1.]"s,       "[.5]"s,
          "[+1]"s,       "[NaN]"s,          "[Infinity]"s,         "[1,]"s,           "{\"a\":1,}"s, "{a:1}"s,
          "['a']"s,      "[\"\n\"]"s,       "\xef\xbb\xbf{}"s,     "[1] // note"s,    "\0"s,         "nul"s,
          "[1e]"s,       "[0x10]"s,         "[\"\\ud800\"]"s,      "[\"\\ud800x\"]"s, "[\"\\x41\"]"s})
        EXPECT_NE(reason_for(text), "accepted") << testing::PrintToString(text);
}

TEST(json, limits_nesting) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_EQ(reason_for(nested(json::max_depth)), "accepted");
    EXPECT_EQ(reason_for(nested(json::max_depth + 1)), "nested too deeply");
    EXPECT_EQ(reason_for(std::string(1'000'000, '[')), "nested too deeply");
}

TEST(json, errors_do_not_quote_the_text) {
    for (const std::string text : {R"({"secret":1,"secret":2})", R"({"secret":secret})", R"(["secret)"}) {
        try {
            json::parse(text);
            FAIL();
        } catch (const json::error& refused) {
            EXPECT_EQ(std::string(refused.what()).find("secret"), std::string::npos) << refused.what();
            EXPECT_LE(refused.offset(), text.size());
        }
    }
}

TEST(json, every_prefix_of_a_text_is_refused) {
    const std::string text = R"({"a":[1.5e3,"\ud83d\ude00",true,null],"b":{"c":"é"}})";
    for (std::size_t length = 0; length < text.size(); ++length)
        EXPECT_NE(reason_for(text.substr(0, length)), "accepted") << length;
}

TEST(json, round_trip_property) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    for (int i = 0; i < 2000; ++i) {
        const std::string text = random_json(random, 5);
        ASSERT_EQ(rewrite(text), text);
    }
}

TEST(json, writer_escapes_and_separates) {
    json::writer out;
    out.begin_object().member("a\"", "\x01\b\f\n\r\t\\/\x7f").optional_member("none", "");
    out.key("n").begin_array().integer(std::numeric_limits<std::int64_t>::min()).boolean(false).null();
    out.begin_object().end_object().end_array().end_object();
    EXPECT_EQ(out.text(),
              "{\"a\\\"\":\"\\u0001\\b\\f\\n\\r\\t\\\\/\x7f\",\"n\":[-9223372036854775808,false,null,{}]}");
}
