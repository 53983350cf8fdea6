// Secrets of webhook endpoints at rest: libsodium's secretbox under the server's master key. SQL sees
// ciphertext only. Ciphertext: one byte of version, 24 bytes nonce, the box.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace attribution::webhooks {

class secret_box {
  public:
    // Takes 64 hex digits; throws std::invalid_argument otherwise.
    explicit secret_box(std::string_view master_key_hex);
    ~secret_box();
    secret_box(const secret_box&) = default;
    secret_box& operator=(const secret_box&) = default;

    static std::string make_master_key();  // 64 hex digits

    std::string encrypt(std::string_view secret) const;

    // Throws std::runtime_error when this key did not make the ciphertext.
    std::string decrypt(std::string_view ciphertext) const;

  private:
    std::array<unsigned char, 32> key_{};
};

}  // namespace attribution::webhooks
