#include <gtest/gtest.h>

#include <stdexcept>

#include "server/db/api_key.hpp"
#include "server/ingestion/digest.hpp"
#include "server/webhooks/secret_box.hpp"
#include "server/webhooks/signature.hpp"

using namespace attribution;

namespace {

TEST(signature, is_hmac_sha256_of_rfc_4231) {
    // Test case 2, in base64.
    EXPECT_EQ(webhooks::hmac_sha256_base64("Jefe", "what do ya want for nothing?"),
              "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    // A context that is used again remembers nothing.
    EXPECT_NE(webhooks::hmac_sha256_base64("other", "what do ya want for nothing?"),
              webhooks::hmac_sha256_base64("Jefe", "what do ya want for nothing?"));
    EXPECT_TRUE(webhooks::equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(webhooks::equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(webhooks::equal_in_constant_time("abc", "abcd"));
}

TEST(digest, is_sha256) {
    EXPECT_EQ(ingestion::sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(ingestion::sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(secret_box, opens_only_with_its_key_and_unchanged) {
    const webhooks::secret_box box(std::string(64, 'a'));
    const webhooks::secret_box other(std::string(64, 'b'));
    std::string sealed = box.encrypt("shpss_secret");
    EXPECT_EQ(box.decrypt(sealed), "shpss_secret");
    EXPECT_NE(sealed, box.encrypt("shpss_secret"));
    EXPECT_EQ(sealed.find("shpss"), std::string::npos);
    EXPECT_THROW(other.decrypt(sealed), std::runtime_error);
    for (const std::size_t at : {std::size_t{0}, std::size_t{5}, sealed.size() - 1}) {
        std::string changed = sealed;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_THROW(box.decrypt(changed), std::runtime_error) << at;
    }
    EXPECT_THROW(box.decrypt(""), std::runtime_error);
    EXPECT_THROW(webhooks::secret_box("abc"), std::invalid_argument);
    EXPECT_EQ(webhooks::secret_box::make_master_key().size(), 64U);
}

TEST(api_key, has_one_form) {
    const db::api_key made = db::make_api_key();
    EXPECT_NE(made.text, db::make_api_key().text);
    const auto parsed = db::parse_api_key(made.text);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->id, made.id);
    EXPECT_EQ(parsed->hash, "\\x" + ingestion::sha256_hex(made.text));
    for (const std::string& bad :
         {std::string(), made.text + "x", made.text.substr(1), "pgb" + made.text.substr(3),
          made.text.substr(0, made.text.size() - 1) + "=", "pga_ABCDEF" + made.text.substr(10)})
        EXPECT_FALSE(db::parse_api_key(bad).has_value()) << bad;
}

}  // namespace
