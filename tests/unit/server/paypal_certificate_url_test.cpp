// Who can choose where a certificate comes from can sign anything.
#include <gtest/gtest.h>

#include <string>

#include "server/webhooks/paypal.hpp"

using attribution::webhooks::paypal_site;
using attribution::webhooks::read_certificate_url;

namespace {

const std::string good_path = "/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77";

TEST(paypal_certificate_url, is_one_of_paypals) {
    EXPECT_EQ(read_certificate_url("https://api.paypal.com" + good_path), paypal_site::live);
    EXPECT_EQ(read_certificate_url("https://api.sandbox.paypal.com" + good_path), paypal_site::sandbox);
}

TEST(paypal_certificate_url, no_other_host) {
    for (const char* host : {"api.paypal.com.evil.example",
                             "evil.example",
                             "api-paypal.com",
                             "apixpaypal.com",
                             "paypal.com",
                             "www.paypal.com",
                             "api.paypal.com.",
                             "API.paypal.com",
                             "api.PayPal.com",
                             "api%2Epaypal.com",
                             "api.paypal%2ecom",
                             "evil.example@api.paypal.com",
                             "api.paypal.com@evil.example",
                             "api.paypal.com:443",
                             "api.paypal.com:",
                             "api.paypal.com:8443",
                             "user:secret@api.paypal.com",
                             "@api.paypal.com",
                             "api.paypal.com%00.evil.example",
                             "api.paypal.com%2f.evil.example",
                             "[::1]",
                             "127.0.0.1",
                             "localhost",
                             "api.sandbox.paypal.com.evil.example",
                             "x.api.paypal.com",
                             "api.paypal.com\\@evil.example",
                             "api.paypal.com\\.evil.example",
                             "xn--api-paypal.com",
                             "api.p\xd0\xb0ypal.com",
                             "",
                             " api.paypal.com",
                             "api.paypal.com "})
        EXPECT_EQ(read_certificate_url("https://" + std::string(host) + good_path), paypal_site::none)
            << host;
}

TEST(paypal_certificate_url, no_other_scheme) {
    for (const char* scheme : {"http://", "HTTPS://", "Https://", "ftp://", "file://", "//", "", "https:/",
                               "https:", "https:///", "https:////", "https:\\\\", " https://", "data:,"})
        EXPECT_EQ(read_certificate_url(scheme + ("api.paypal.com" + good_path)), paypal_site::none) << scheme;
}

TEST(paypal_certificate_url, no_other_path) {
    for (const char* path : {"",
                             "/",
                             "/v1/notifications/certs/",
                             "/v1/notifications/certs",
                             "/v1/notifications/certs/.",
                             "/v1/notifications/certs/..",
                             "/v1/notifications/certs/../../x",
                             "/v1/notifications/certs/%2e%2e/x",
                             "/v1/notifications/certs/%2E%2E%2Fx",
                             "/v1/notifications/certs/..%2f..%2fx",
                             "/v1/notifications/certs/a/b",
                             "/v1/notifications/certs//a",
                             "//v1/notifications/certs/a",
                             "/v1/notifications/./certs/a",
                             "/v1/notifications/certs/a.pem",
                             "/v1/notifications/certs/a;b",
                             "/V1/notifications/certs/a",
                             "/v1/notifications/Certs/a",
                             "/v1/x/../notifications/certs/a",
                             "/v1%2fnotifications/certs/a",
                             "/v1/notifications/certs/a?",
                             "/v1/notifications/certs/a?x=y",
                             "/v1/notifications/certs/a#",
                             "/v1/notifications/certs/a#x",
                             "/v1/notifications/certs/a%00",
                             "/v1/notifications/certs/a\\..\\b",
                             "/v1/notifications/certs/a b",
                             "/v1/notifications/certs/a\r\nb",
                             "/v1/notifications/certs/\xc3\xa9",
                             "/v1/notifications/certsx/a",
                             "/v2/notifications/certs/a"})
        EXPECT_EQ(read_certificate_url("https://api.paypal.com" + std::string(path)), paypal_site::none)
            << path;
    EXPECT_EQ(read_certificate_url("https://api.paypal.com" + good_path + std::string(1, '\0')),
              paypal_site::none);
    EXPECT_EQ(read_certificate_url("https://api.paypal.com/v1/notifications/certs/" + std::string(101, 'a')),
              paypal_site::none);
    EXPECT_EQ(read_certificate_url("https://api.paypal.com/v1/notifications/certs/" + std::string(100, 'a')),
              paypal_site::live);
}

}  // namespace
