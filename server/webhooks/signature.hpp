// Signatures of webhook bodies.
#pragma once

#include <string>
#include <string_view>

namespace attribution::webhooks {

// HMAC-SHA256 in padded base64.
std::string hmac_sha256_base64(std::string_view secret, std::string_view bytes);

// Whether two texts are equal, in a time that depends on their lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace attribution::webhooks
