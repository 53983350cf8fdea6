#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/pii/detect.hpp"
#include "seed.hpp"

using namespace attribution;

namespace {

std::string kind_of(std::string_view text) {
    const auto found = pii::find(text);
    return std::string(found ? pii::name(*found) : "none");
}

}  // namespace

TEST(pii, finds_email) {
    for (const char* text : {"jon@example.com",
                             "mailto:jon@example.com",
                             "Write to JON.SMITH+shop@mail.example.co.uk.",
                             "<jon@example.com>",
                             "jon%40example.com",
                             "jon%2540example.com",
                             "jon%252540example.com",
                             "%6Aon%40example%2Ecom",
                             "?e=jon@example.com&x=1",
                             "jon＠example.com",
                             "ｊｏｎ＠ｅｘａｍｐｌｅ．ｃｏｍ",
                             "jon@\u200Bexample.com",
                             "jon@exa\u00ADmple.com",
                             "jon%EF%BC%A0example.com",
                             "jürgen@müller.de",
                             "o'neil@example.com",
                             "\"jon smith\"@example.com",
                             "a@b.co",
                             "jon@xn--mller-kva.de",
                             "https://jon:secret@shop.example.com/",
                             "jon@[192.168.0.1]",
                             "jon%40EXAMPLE.COM",
                             "jon @ example.com",
                             "jon@ example.com",
                             "jon\n@example.com",
                             "jon=@example.com",
                             "jon@example\u2024com",
                             "first@example.c0m, jon@example.com"})
        EXPECT_EQ(kind_of(text), "email") << text;
}

TEST(pii, email_look_alikes_pass) {
    for (const char* text :
         {"@jonsmith", "follow @jon.smith now", "logo@2x.png", "react@18.2.0", "a @ b", "jon@localhost",
          "50% off @ shop", "100%40", "", "@", "@@", "%40", "price@", "1@2"})
        EXPECT_EQ(kind_of(text), "none") << text;
}

TEST(pii, finds_phone) {
    for (const char* text : {"+15551234567",
                             "+1 555 123 4567",
                             "+1 (555) 123-4567",
                             "+1-555-123-4567",
                             "+1.5551234567",
                             "+49 30 1234567",
                             "+49 (0)30 1234567",
                             "+44 20 7946 0958",
                             "+33 1 23 45 67 89",
                             "+86 138 0013 8000",
                             "%2B15551234567",
                             "%2B1%20555%20123%204567",
                             "tel:+15551234567",
                             "tel:15551234567",
                             "https://wa.me/15551234567",
                             "phone=+4930123456789",
                             "0049 30 1234567",
                             "00 49 30 1234567",
                             "(555) 123-4567",
                             "(555)123-4567",
                             "555-123-4567",
                             "555.123.4567",
                             "555 123 4567",
                             "1-800-555-0199",
                             "1 (800) 555-0199",
                             "123-123-1234",
                             "call 555-123-4567.",
                             "Call 555-123-4567.Thanks",
                             "call_555-123-4567_now",
                             "order 12: 555-123-4567",
                             "/a/555-123-4567/cart",
                             "030 1234567",
                             "030/1234567",
                             "(030) 1234567",
                             "0171-1234567",
                             "01 23 45 67 89",
                             "020 7946 0958",
                             "0412 345 678",
                             "03-1234-5678",
                             "＋１５５５１２３４５６７",
                             "555\u2011123\u20114567",
                             "555\u00A0123\u00A04567",
                             "555+123+4567",
                             "+1 555 0100",
                             "+15551234567 ext 5",
                             "+15551234567x5",
                             "spring+15551234567"})
        EXPECT_EQ(kind_of(text), "phone") << text;
}

TEST(pii, phone_look_alikes_pass) {
    for (const char* text : {"820982911946154508",
                             "5551234567",
                             "15551234567",
                             "0301234567",
                             "gid://shopify/Order/820982911946154508",
                             "2021-12-31",
                             "2021-12-31T19:00:00-05:00",
                             "2021-12-31T19:00:00.123456789+05:30",
                             "2021-12-31 19:00:00+00",
                             "20211231T190000Z",
                             "31.12.2021",
                             "01.02.2024",
                             "01.02.2024 10:30",
                             "12/31/2021",
                             "01/02/2024",
                             "19:00:00",
                             "1640995200",
                             "1640995200.123456",
                             "398.00",
                             "-0.123456789",
                             "12345678.90",
                             "+1234567.89",
                             "+5.00",
                             "+05:30",
                             "1.234.567,89",
                             "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
                             "01234567-0123-0123-0123-012345678901",
                             "abcdefab-0123-4567-8901-abcdefabcdef",
                             "12345678-1234-1234-1234-123456789012",
                             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                             "0123456789012345678901234567890123456789012345678901234567890123",
                             "v1.2.3",
                             "2024-10",
                             "SKU-555-123-4567",
                             "AB-0171-1234567",
                             "555-123-4567-XL",
                             "IPOD2008PINK",
                             "978-3-16-148410-0",
                             "1600x1200",
                             "fb.1.1554763741205.1098115397",
                             "GA1.2.1234567890.1640995200",
                             "1234567890.1640995200",
                             "100 200 300 4000 500",
                             "0001-000123",
                             "1,234,567",
                             "spring_2024-03-15",
                             "C++17 20",
                             "1e+12345678",
                             "aGVsbG8+12345678Zm9v",
                             "$1,000,000.00",
                             "50% off 1234567",
                             "00000000-0000-0000-0000-000000000000",
                             "0.5",
                             "#9999"})
        EXPECT_EQ(kind_of(text), "none") << text;
}

TEST(pii, redacts_only_the_finding) {
    EXPECT_EQ(pii::redact("spring sale"), "spring sale");
    EXPECT_EQ(pii::redact("for jon@example.com only"), "for [redacted] only");
    EXPECT_EQ(pii::redact("a@b.co, +1 555 123 4567; c@d.co"), "[redacted], [redacted]; [redacted]");
    EXPECT_EQ(pii::redact("x jon%40example.com y"), "x [redacted] y");
    EXPECT_EQ(pii::redact("x jon%2540example.com y"), "[redacted]");
    EXPECT_EQ(pii::redact("call (555) 123-4567 now"), "call [redacted] now");
}

TEST(pii, nothing_is_left_after_redaction_property) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    const std::vector<std::string> planted{
        "jon@example.com", "+15551234567", "555-123-4567", "%40", "@", "25", "%",
        "example.com",     "0171 1234567"};
    int found = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (std::size_t parts = random.below(6); parts > 0; --parts)
            text += planted[random.below(planted.size())] + random.text("a1 -.+/%@", 4);
        found += pii::find(text) ? 1 : 0;
        ASSERT_EQ(kind_of(pii::redact(text)), "none") << text << " → " << pii::redact(text);
    }
    EXPECT_GT(found, 1000);
}

TEST(pii, a_planted_value_is_found_between_words_property) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    const std::vector<std::pair<std::string, std::string>> planted{
        {"jon@example.com", "email"}, {"+49 30 1234567", "phone"}, {"555-123-4567", "phone"}};
    for (int i = 0; i < 5'000; ++i) {
        const std::string before = random.text("abcxyz ,;", 30);
        const std::string after = random.text("abcxyz ,;", 30);
        for (const auto& [value, kind] : planted) {
            std::string text = before;
            text.append(1, ' ').append(value).append(1, ' ').append(after);
            ASSERT_EQ(kind_of(text), kind) << text;
        }
    }
}

TEST(pii, plain_digits_are_never_a_phone_property) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    for (int i = 0; i < 20'000; ++i) {
        ASSERT_NE(kind_of(random.text("0123456789", 25)), "phone");
        const std::string hex = random.text("0123456789abcdef", 64);
        ASSERT_NE(kind_of(hex), "phone") << hex;
    }
}

TEST(pii, uuids_are_never_a_phone_property) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    for (int i = 0; i < 20'000; ++i) {
        // Mostly digits, so that the groups look as much like numbers as they can.
        std::string uuid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
        for (char& c : uuid)
            if (c == 'x') c = "01234567890123456789abcdef"[random.below(26)];
        ASSERT_EQ(kind_of(uuid), "none") << uuid;
        ASSERT_EQ(kind_of("id " + uuid + " done"), "none") << uuid;
    }
}
