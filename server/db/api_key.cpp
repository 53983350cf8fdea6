#include "server/db/api_key.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "server/http/problem.hpp"

namespace attribution::db {

namespace {

constexpr std::string_view secret_prefix = "pga_";
constexpr std::string_view publishable_prefix = "pgp_";
constexpr std::size_t prefix_length = secret_prefix.size();
constexpr std::size_t id_length = 16;
constexpr std::size_t secret_length = 43;

constexpr statement authenticate_api_key{
    "authenticate_api_key", "SELECT attribution.authenticate_api_key(key_id => $1, key_hash => $2)"};

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_base64url(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_';
    });
}

std::string hex(const unsigned char* bytes, std::size_t size) {
    std::string text(size * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes, size);
    text.pop_back();
    return text;
}

http::problem unauthorized(std::string detail, std::string challenge) {
    return http::problem(401, std::move(detail),
                         "Send an API key as `Authorization: Bearer pga_…` or `X-API-Key: pga_…`.")
        .with("WWW-Authenticate", std::move(challenge));
}

http::problem invalid_key() {
    return unauthorized("The API key is not valid.", R"(Bearer realm="attribution", error="invalid_token")");
}

std::string_view key_text_of(const http::request& r) {
    constexpr std::string_view scheme = "Bearer ";
    const auto authorization = r.header("Authorization");
    const auto key = r.header("X-API-Key");
    if (authorization && key)
        throw http::problem(400, "Both Authorization and X-API-Key are given.",
                            "Send the key in one of them.");
    if (key) return *key;
    if (!authorization)
        throw unauthorized("This resource needs an API key.", R"(Bearer realm="attribution")");
    if (authorization->size() <= scheme.size() ||
        !http::equals_ignoring_case(authorization->substr(0, scheme.size()), scheme))
        throw unauthorized("Authorization is not of the scheme Bearer.", R"(Bearer realm="attribution")");
    return authorization->substr(scheme.size());
}

}  // namespace

std::optional<api_key> parse_api_key(std::string_view text) {
    if (text.size() != prefix_length + id_length + 1 + secret_length ||
        !(text.starts_with(secret_prefix) || text.starts_with(publishable_prefix)))
        return std::nullopt;
    const std::string_view id = text.substr(prefix_length, id_length);
    if (!is_hex(id) || text[prefix_length + id_length] != '_' ||
        !is_base64url(text.substr(text.size() - secret_length)))
        return std::nullopt;
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
    return api_key{std::string(text), std::string(id), "\\x" + hex(digest.data(), digest.size())};
}

api_key make_api_key(key_kind kind) {
    std::array<unsigned char, id_length / 2> id{};
    std::array<unsigned char, 32> secret{};
    randombytes_buf(id.data(), id.size());
    randombytes_buf(secret.data(), secret.size());
    std::array<char, secret_length + 1> encoded{};
    sodium_bin2base64(encoded.data(), encoded.size(), secret.data(), secret.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    const std::string_view prefix = kind == key_kind::secret ? secret_prefix : publishable_prefix;
    return *parse_api_key(std::string(prefix) + hex(id.data(), id.size()) + "_" + encoded.data());
}

api_key api_key_of(const http::request& r) {
    std::optional<api_key> key = parse_api_key(key_text_of(r));
    if (!key) throw invalid_key();
    return std::move(*key);
}

task<std::string> authenticate(pool& database, const statement& role, const api_key& key) {
    const call looks_up(authenticate_api_key, key.id, key.hash);
    try {
        const std::vector<result> found =
            co_await database.transaction(role, {&looks_up, 1}, access::read_only);
        if (found[0].rows() != 1 || found[0].is_null(0, 0)) throw invalid_key();
        co_return std::string(found[0].text(0, 0));
    } catch (const error& e) {
        if (e.sqlstate() != publishable_key) throw;
        throw http::problem_from_sqlstate(e.sqlstate(), e.detail(), e.hint());
    }
}

}  // namespace attribution::db
