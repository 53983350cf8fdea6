// API keys: `pga_<16 hex digits>_<43 characters base64url>`, and `pgp_…` for publishable ones. The middle
// part finds the key, SHA-256 of the whole text proves it; the database never sees the key itself, and it
// alone knows which kind a key is: the prefix is for people, and for programs that look for leaked secrets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/db/pool.hpp"
#include "server/http/types.hpp"

namespace attribution::db {

struct api_key {
    std::string text;
    std::string id;    // 16 lowercase hex digits
    std::string hash;  // as bytea input: \x and 64 hex digits
};

// nullopt when the text has not the form of a key.
std::optional<api_key> parse_api_key(std::string_view text);

enum class key_kind : std::uint8_t { secret, publishable };

api_key make_api_key(key_kind kind);

// The key that the request carries as `Authorization: Bearer` or `X-API-Key`. Throws problem 401 (none, or
// not of the form), 400 (two keys).
api_key api_key_of(const http::request& r);

// The tenant of a secret key. Throws problem 401 (unknown, revoked), 403 (publishable), or db::error.
task<std::string> authenticate(pool& database, const statement& role, const api_key& key);

}  // namespace attribution::db
