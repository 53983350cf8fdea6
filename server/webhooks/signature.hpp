// What signatures of webhook bodies are made of.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace attribution::webhooks {

using mac = std::array<unsigned char, 32>;

// HMAC-SHA256 over the pieces, one after the other.
mac hmac_sha256(std::string_view secret, std::initializer_list<std::string_view> pieces);

std::string base64(const mac& bytes);  // padded
std::string hex(const mac& bytes);     // small letters

// The bytes of a padded base64 text; nullopt when it is none.
std::optional<std::string> from_base64(std::string_view text);

// Whether two texts are equal, in a time that depends on their lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace attribution::webhooks
