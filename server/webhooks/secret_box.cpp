#include "server/webhooks/secret_box.hpp"

#include <sodium.h>

#include <stdexcept>

namespace attribution::webhooks {

namespace {

constexpr char format_version = 1;
constexpr std::size_t overhead = 1 + crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;

static_assert(crypto_secretbox_KEYBYTES == 32);

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

secret_box::secret_box(std::string_view master_key_hex) {
    std::size_t size = 0;
    if (master_key_hex.size() != key_.size() * 2 ||
        sodium_hex2bin(key_.data(), key_.size(), master_key_hex.data(), master_key_hex.size(), nullptr, &size,
                       nullptr) != 0 ||
        size != key_.size())
        throw std::invalid_argument("the master key is not 64 hex digits");
}

secret_box::~secret_box() {
    sodium_memzero(key_.data(), key_.size());
}

std::string secret_box::make_master_key() {
    std::array<unsigned char, crypto_secretbox_KEYBYTES> key{};
    std::array<char, crypto_secretbox_KEYBYTES * 2 + 1> text{};
    crypto_secretbox_keygen(key.data());
    sodium_bin2hex(text.data(), text.size(), key.data(), key.size());
    return text.data();
}

std::string secret_box::encrypt(std::string_view secret) const {
    std::string out(overhead + secret.size(), '\0');
    out[0] = format_version;
    unsigned char* const nonce = bytes(out) + 1;
    randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(nonce + crypto_secretbox_NONCEBYTES, bytes(secret), secret.size(), nonce,
                          key_.data());
    return out;
}

std::string secret_box::decrypt(std::string_view ciphertext) const {
    if (ciphertext.size() < overhead || ciphertext[0] != format_version)
        throw std::runtime_error("the secret's ciphertext has an unknown form");
    std::string secret(ciphertext.size() - overhead, '\0');
    const unsigned char* const nonce = bytes(ciphertext) + 1;
    if (crypto_secretbox_open_easy(bytes(secret), nonce + crypto_secretbox_NONCEBYTES,
                                   ciphertext.size() - 1 - crypto_secretbox_NONCEBYTES, nonce,
                                   key_.data()) != 0)
        throw std::runtime_error("the secret was encrypted with another master key");
    return secret;
}

}  // namespace attribution::webhooks
