#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <string>

#include "core/pii/url.hpp"

using namespace attribution;

namespace {

std::string parameters_of(std::string_view url) {
    std::string result;
    for (const auto& [name, value] : pii::clean_url(url).parameters)
        result.append(name).append("=").append(value).append(";");
    return result;
}

std::string path_of(std::string_view url) {
    return pii::clean_url(url).path;
}

// Encoded more often than anybody does.
std::string nested_at_sign() {
    std::string result = "%40";
    for (int level = 0; level < 30; ++level) result = "%25" + result.substr(1);
    return result;
}

}  // namespace

TEST(pii_url, keeps_host_path_and_marketing_parameters) {
    const pii::cleaned_url url = pii::clean_url(
        "https://www.Shop.example.com:8443/products/"
        "ipod?utm_source=google&utm_medium=cpc&gclid=Cj0K&email=a#top");
    EXPECT_EQ(url.host, "www.shop.example.com");
    EXPECT_EQ(url.path, "/products/ipod");
    EXPECT_EQ(parameters_of("/p?utm_source=google&x=1&UTM_Medium=cpc&gclid=Cj0K"),
              "utm_source=google;utm_medium=cpc;gclid=;");
}

TEST(pii_url, decodes_and_cleans_values) {
    EXPECT_EQ(parameters_of("/?utm_campaign=spring+sale%21"), "utm_campaign=spring sale!;");
    EXPECT_EQ(parameters_of("/?utm_campaign=jon%40example.com"), "utm_campaign=[redacted];");
    EXPECT_EQ(parameters_of("/?utm_campaign=jon%252540example.com"), "utm_campaign=[redacted];");
    EXPECT_EQ(parameters_of("/?utm_campaign=call+%2B15551234567+now"), "utm_campaign=call [redacted] now;");
    EXPECT_EQ(parameters_of("/?utm_jon%40example.com=1"), "");
    EXPECT_EQ(parameters_of("/?utm_source=%ff&utm_medium="), "");
    EXPECT_EQ(parameters_of("/?%75tm_source=a&&=&utm_term"), "utm_source=a;");
}

TEST(pii_url, no_way_of_writing_hides_a_value) {
    for (const char* value :
         {"jon%40example.com", "jon%2540example.com", "jon%25252540example.com", "jon%u0040example.com",
          "%6a%6F%6e%40%45xample%2ecom", "jon%%34%30example.com", "jon%EF%BC%A0example.com",
          "jon%ef%bc%852540example.com", "jon%E2%80%8B%40example.com", "j%C3%BCrgen%40m%C3%BCller.de",
          "4111+1111+1111+1111", "4111%201111%201111%201111", "DE89+3704+0044+0532+0130+00",
          "203%2E0%2e113%2E7", "2001%3Adb8%3A%3A1", "123%2D45-6789", "%2B49+30+1234567",
          "50%+for+jon%40example.com", "%zz+jon%40example.com"})
        EXPECT_EQ(parameters_of(std::string("/?utm_term=") + value).find("[redacted]") != std::string::npos,
                  true)
            << value << ": " << parameters_of(std::string("/?utm_term=") + value);
    // What cannot be read is left out.
    EXPECT_EQ(parameters_of("/?utm_term=%C1%80&utm_source=%ED%A0%80&utm_medium=" + nested_at_sign()), "");
}

TEST(pii_url, only_known_parameters_stay) {
    EXPECT_EQ(
        parameters_of("/?utm_email=jon&utm_name=Jon+Smith&email=a@b.co&ref=x&token=y&utm_id=7&utm_sources=z&"
                      "gclid_=1&amp;utm_source=a"),
        "utm_id=7;");
    EXPECT_EQ(parameters_of("/?UTM%5FSource=a&GCLID=secret&utm_term=10.0.0.1"),
              "utm_source=a;gclid=;utm_term=[redacted];");
    EXPECT_EQ(pii::url_host("https://203.0.113.7/x"), "");
    EXPECT_EQ(path_of("/from/203.0.113.7/x"), "");
}

TEST(pii_url, a_plus_before_a_number_is_no_blank) {
    for (const char* url : {"/?utm_content=+49-151-98765412", "/?utm_content=jon%0A@example.com"}) {
        const pii::cleaned_url cleaned = pii::clean_url(url);
        ASSERT_EQ(cleaned.parameters.size(), 1U) << url;
        EXPECT_NE(cleaned.parameters[0].value.find("[redacted]"), std::string::npos)
            << cleaned.parameters[0].value;
    }
}

TEST(pii_url, knows_click_ids_by_name_only) {
    EXPECT_EQ(parameters_of("/?ScCid=secret&FBCLID=secret&gclid="), "sccid=;fbclid=;");
    EXPECT_EQ(pii::click_id_name("ScCid"), "sccid");
    EXPECT_EQ(pii::click_id_name("clid"), "");
}

TEST(pii_url, knows_every_click_id_of_the_built_in_channel_rules) {
    std::ifstream seed(MIGRATIONS_DIR "/0006_channel_seed.sql");
    ASSERT_TRUE(seed);
    const std::regex last_column(R"(, ARRAY\[([^\]]*)\]\)[,;]$)");
    const std::regex quoted("'([^']*)'");
    int names = 0;
    for (std::string line; std::getline(seed, line);) {
        std::smatch column;
        if (!line.starts_with("    (") || line.find("'click_") == std::string::npos) continue;
        ASSERT_TRUE(std::regex_search(line, column, last_column)) << line;
        const std::string list = column[1];
        for (std::sregex_iterator name(list.begin(), list.end(), quoted), end; name != end; ++name, ++names)
            EXPECT_EQ(pii::click_id_name((*name)[1].str()), (*name)[1].str());
    }
    EXPECT_GE(names, 22);
}

TEST(pii_url, drops_paths_that_open_something_or_name_someone) {
    for (const char* url :
         {"/orders/123456abcd", "/548380009/orders/123456abcd/authenticate?key=abcdefg",
          "/checkouts/cn/Z2NwLXVz", "/account/reset/1/abc", "/en-us/Account/login", "/%6Frders/1",
          "/c/8f3kq2l9x0w7z1m4", "/u/b54557e4-bdd9-4b37-8a5f-bf7d70bcd043", "/users/jon@example.com",
          "/users/jon%2540example.com", "/p;jsessionid=1", "/call/555-123-4567", "/%ff", "/a%00b"})
        EXPECT_EQ(path_of(url), "") << url;
    for (const char* url : {"/", "/products/ipod-nano-8gb", "/collections/spring-2024", "/pages/about%20us"})
        EXPECT_NE(path_of(url), "") << url;
    EXPECT_EQ(path_of("/" + std::string(300, 'a')), "");
}

TEST(pii_url, finds_hosts) {
    EXPECT_EQ(pii::url_host("https://www.Google.com/search?q=jon"), "www.google.com");
    EXPECT_EQ(pii::url_host("//example.com"), "example.com");
    EXPECT_EQ(pii::url_host("example.com/path"), "example.com");
    EXPECT_EQ(pii::url_host("https://jon:secret@example.com:80/"), "example.com");
    EXPECT_EQ(pii::url_host("https://jon@x.example.com@evil.example/"), "evil.example");
    EXPECT_EQ(pii::url_host("example.com."), "example.com");
    EXPECT_EQ(pii::url_host("android-app://com.google.android.gm/"), "com.google.android.gm");
    for (const char* url :
         {"", "/path", "not a host", "https://", "https://[::1]/", "localhost", "https://exa mple.com"})
        EXPECT_EQ(pii::url_host(url), "") << url;
}
