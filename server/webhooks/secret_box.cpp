#include "server/webhooks/secret_box.hpp"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

namespace attribution::webhooks {

namespace {

constexpr char format_version = 2;
constexpr std::size_t id_at = 1;
constexpr std::size_t nonce_at = id_at + 8;
constexpr std::size_t box_at = nonce_at + crypto_secretbox_NONCEBYTES;
constexpr std::size_t overhead = box_at + crypto_secretbox_MACBYTES;

static_assert(crypto_secretbox_KEYBYTES == 32);

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

bool has_form(std::string_view ciphertext) {
    return ciphertext.size() >= overhead && ciphertext[0] == format_version;
}

}  // namespace

secret_box::secret_box(std::span<const std::string> master_keys) {
    if (master_keys.empty()) throw std::invalid_argument("there is no master key");
    keys_.reserve(master_keys.size());  // so that no copy of a key is left behind
    for (const std::string& hex : master_keys) keys_.push_back(read(hex));
}

secret_box::~secret_box() {
    sodium_memzero(keys_.data(), keys_.size() * sizeof(master_key));
}

secret_box::master_key secret_box::read(std::string_view hex) {
    master_key key{};
    std::size_t size = 0;
    if (hex.size() != key.bytes.size() * 2 ||
        sodium_hex2bin(key.bytes.data(), key.bytes.size(), hex.data(), hex.size(), nullptr, &size, nullptr) !=
            0 ||
        size != key.bytes.size())
        throw std::invalid_argument("a master key is not 64 hex digits");
    // BLAKE2b does not go backwards: the id tells nothing of the key.
    std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
    crypto_generichash(hash.data(), hash.size(), key.bytes.data(), key.bytes.size(), nullptr, 0);
    std::copy_n(hash.begin(), key.id.size(), key.id.begin());
    return key;
}

std::string secret_box::make_master_key() {
    std::array<unsigned char, crypto_secretbox_KEYBYTES> key{};
    std::array<char, crypto_secretbox_KEYBYTES * 2 + 1> text{};
    crypto_secretbox_keygen(key.data());
    sodium_bin2hex(text.data(), text.size(), key.data(), key.size());
    return text.data();
}

std::string secret_box::encrypt(std::string_view secret) const {
    const master_key& key = keys_.front();
    std::string out(overhead + secret.size(), '\0');
    out[0] = format_version;
    std::copy(key.id.begin(), key.id.end(), bytes(out) + id_at);
    unsigned char* const nonce = bytes(out) + nonce_at;
    randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(bytes(out) + box_at, bytes(secret), secret.size(), nonce, key.bytes.data());
    return out;
}

std::string secret_box::decrypt(std::string_view ciphertext) const {
    if (!has_form(ciphertext)) throw std::runtime_error("the secret's ciphertext has an unknown form");
    const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const master_key& k) {
        return std::equal(k.id.begin(), k.id.end(), bytes(ciphertext) + id_at);
    });
    if (key == keys_.end())
        throw std::runtime_error("the secret was encrypted with a master key that is not given");
    std::string secret(ciphertext.size() - overhead, '\0');
    if (crypto_secretbox_open_easy(bytes(secret), bytes(ciphertext) + box_at, ciphertext.size() - box_at,
                                   bytes(ciphertext) + nonce_at, key->bytes.data()) != 0)
        throw std::runtime_error("the secret's ciphertext was changed");
    return secret;
}

bool secret_box::is_current(std::string_view ciphertext) const {
    const key_id& id = keys_.front().id;
    return has_form(ciphertext) && std::equal(id.begin(), id.end(), bytes(ciphertext) + id_at);
}

}  // namespace attribution::webhooks
