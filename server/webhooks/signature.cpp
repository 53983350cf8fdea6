#include "server/webhooks/signature.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>
#include <stdexcept>

namespace attribution::webhooks {

namespace {

using mac_context = std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)>;

// Finding the algorithm costs more than using it, so each thread keeps one ready.
mac_context make_context() {
    const std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr),
                                                           &EVP_MAC_free);
    mac_context context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr, &EVP_MAC_CTX_free);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    if (!context || EVP_MAC_CTX_set_params(context.get(), parameters) != 1)
        throw std::runtime_error("HMAC-SHA256 is not available");
    return context;
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

mac hmac_sha256(std::string_view secret, std::initializer_list<std::string_view> pieces) {
    static thread_local const mac_context context = make_context();
    mac result{};
    std::size_t size = 0;
    bool done = EVP_MAC_init(context.get(), bytes_of(secret), secret.size(), nullptr) == 1;
    for (const std::string_view piece : pieces)
        done = done && EVP_MAC_update(context.get(), bytes_of(piece), piece.size()) == 1;
    if (!done || EVP_MAC_final(context.get(), result.data(), &size, result.size()) != 1)
        throw std::runtime_error("HMAC-SHA256 failed");
    return result;
}

std::string base64(const mac& bytes) {
    std::array<unsigned char, 45> text{};  // 44 and the terminator that EVP_EncodeBlock writes
    const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
    return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length)};
}

std::optional<std::string> from_base64(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::string_view digits = text.substr(0, text.size() - padding);
    if (text.empty() || text.size() % 4 != 0 || digits.find_first_not_of(alphabet) != std::string_view::npos)
        return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                        static_cast<int>(text.size())) < 0)
        return std::nullopt;
    bytes.resize(bytes.size() - padding);
    return bytes;
}

std::string hex(const mac& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace attribution::webhooks
