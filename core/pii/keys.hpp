// Which member names say that what they hold is personal data or a secret.
#pragma once

#include <string_view>

namespace attribution::pii {

// Case and separators do not matter: first_name, firstName and "First-Name" are one. Context does: "name" is
// personal, "rule_name" is not. A name that is itself an address ("jon@example.com") is found by find().
bool is_personal_key(std::string_view key);

}  // namespace attribution::pii
