#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "server/db/api_key.hpp"
#include "server/http/digest.hpp"
#include "server/webhooks/secret_box.hpp"
#include "server/webhooks/signature.hpp"

using namespace attribution;

namespace {

TEST(signature, is_hmac_sha256_of_rfc_4231) {
    // Test case 2.
    const webhooks::mac mac = webhooks::hmac_sha256("Jefe", {"what do ya want ", "", "for nothing?"});
    EXPECT_EQ(webhooks::base64(mac), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    EXPECT_EQ(webhooks::hex(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    // A context that is used again remembers nothing.
    EXPECT_NE(webhooks::hmac_sha256("other", {"what do ya want for nothing?"}), mac);
    EXPECT_EQ(webhooks::hmac_sha256("Jefe", {"what do ya want for nothing?"}), mac);
    EXPECT_TRUE(webhooks::equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(webhooks::equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(webhooks::equal_in_constant_time("abc", "abcd"));
}

TEST(digest, is_sha256) {
    EXPECT_EQ(http::sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(http::sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

const std::string first_key(64, 'a');
const std::string second_key(64, 'b');

webhooks::secret_box box_of(const std::vector<std::string>& keys) {
    return webhooks::secret_box(keys);
}

TEST(secret_box, opens_only_with_its_key_and_unchanged) {
    const webhooks::secret_box box = box_of({first_key});
    const webhooks::secret_box other = box_of({second_key});
    const std::string sealed = box.encrypt("shpss_secret");
    EXPECT_EQ(box.decrypt(sealed), "shpss_secret");
    EXPECT_NE(sealed, box.encrypt("shpss_secret"));
    EXPECT_EQ(sealed.find("shpss"), std::string::npos);
    EXPECT_THROW(other.decrypt(sealed), std::runtime_error);
    // Version, key id, nonce, box.
    for (const std::size_t at : {std::size_t{0}, std::size_t{5}, std::size_t{20}, sealed.size() - 1}) {
        std::string changed = sealed;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_THROW(box.decrypt(changed), std::runtime_error) << at;
    }
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{30}, sealed.size() - 13})
        EXPECT_THROW(box.decrypt(sealed.substr(0, length)), std::runtime_error) << length;
}

TEST(secret_box, encrypts_with_the_first_key_and_opens_with_all) {
    const webhooks::secret_box before = box_of({first_key});
    const webhooks::secret_box both = box_of({second_key, first_key});
    const webhooks::secret_box after = box_of({second_key});
    const std::string old = before.encrypt("whsec_secret");
    EXPECT_EQ(both.decrypt(old), "whsec_secret");
    EXPECT_TRUE(before.is_current(old));
    EXPECT_FALSE(both.is_current(old));
    const std::string again = both.encrypt(both.decrypt(old));
    EXPECT_TRUE(both.is_current(again));
    EXPECT_EQ(after.decrypt(again), "whsec_secret");
    EXPECT_THROW(before.decrypt(again), std::runtime_error);
    EXPECT_FALSE(both.is_current(""));
    // Nothing of a key stands in what it made.
    EXPECT_EQ(old.find(std::string(8, '\xaa')), std::string::npos);
}

TEST(secret_box, takes_keys_of_64_hex_digits_only) {
    EXPECT_EQ(webhooks::secret_box::make_master_key().size(), 64U);
    EXPECT_NO_THROW(box_of({webhooks::secret_box::make_master_key()}));
    EXPECT_THROW(box_of({}), std::invalid_argument);
    for (const std::string& bad : {std::string(), std::string("abc"), std::string(63, 'a'),
                                   std::string(65, 'a'), std::string(64, 'g'), std::string(66, 'a')})
        EXPECT_THROW(box_of({first_key, bad}), std::invalid_argument) << bad;
}

TEST(api_key, has_one_form) {
    const db::api_key made = db::make_api_key(db::key_kind::secret);
    EXPECT_NE(made.text, db::make_api_key(db::key_kind::secret).text);
    EXPECT_TRUE(db::make_api_key(db::key_kind::publishable).text.starts_with("pgp_"));
    const auto parsed = db::parse_api_key(made.text);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->id, made.id);
    EXPECT_EQ(parsed->hash, "\\x" + http::sha256_hex(made.text));
    for (const std::string& bad :
         {std::string(), made.text + "x", made.text.substr(1), "pgb" + made.text.substr(3),
          made.text.substr(0, made.text.size() - 1) + "=", "pga_ABCDEF" + made.text.substr(10)})
        EXPECT_FALSE(db::parse_api_key(bad).has_value()) << bad;
}

}  // namespace
