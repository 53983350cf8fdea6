// Secrets of webhook endpoints at rest: libsodium's secretbox under a master key of the server. SQL sees
// ciphertext only: one byte of version, 8 bytes that name the master key, 24 bytes nonce, the box. Several
// master keys may be in use at a time, so that one can take the place of another.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attribution::webhooks {

class secret_box {
  public:
    // Keys of 64 hex digits each: the first encrypts, all decrypt. Throws std::invalid_argument when there is
    // none, or one has another form.
    explicit secret_box(std::span<const std::string> master_keys);
    ~secret_box();
    secret_box(const secret_box&) = delete;
    secret_box& operator=(const secret_box&) = delete;

    static std::string make_master_key();  // 64 hex digits

    std::string encrypt(std::string_view secret) const;

    // Throws std::runtime_error when none of the keys made the ciphertext, or it was changed.
    std::string decrypt(std::string_view ciphertext) const;

    // Whether the first key made the ciphertext.
    bool is_current(std::string_view ciphertext) const;

  private:
    using key_id = std::array<unsigned char, 8>;
    struct master_key {
        key_id id;
        std::array<unsigned char, 32> bytes;
    };

    static master_key read(std::string_view hex);

    std::vector<master_key> keys_;
};

}  // namespace attribution::webhooks
