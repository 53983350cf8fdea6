// Which names of members and columns say that what they hold is personal data or a secret, and which that it
// is an id.
#pragma once

#include <string_view>

namespace attribution::pii {

// Case and separators do not matter: first_name, firstName and "First-Name" are one. Context does: "name" is
// personal, "rule_name" is not. A name that is itself an address ("jon@example.com") is found by find().
bool is_personal_key(std::string_view key);

// Which names say that what they hold is an id: a key of the event contract (key, parent, order_ref, *_key)
// or anybody's id (id, order_id, orderId, ids, line_item_ids).
bool is_id_name(std::string_view name) noexcept;

}  // namespace attribution::pii
