// Finds personal data in text: e-mail addresses, numbers that belong to a person, and names of members that
// say so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attribution::pii {

enum class kind : std::uint8_t { email, phone, card, iban, ip, ssn, personal_key };

// "email", "phone", "card", "iban", "ip", "ssn", "personal_key": the kind as SQL shows it.
std::string_view name(kind what) noexcept;

// What a text is. Ids are numbers and letters of their maker's choice, and one in ten passes the check of a
// card: in an id only what no provider's id looks like is looked for (email, phone, ip), not card, iban and
// ssn.
enum class meaning : std::uint8_t { free_text, id };

// What stands in place of what was taken out.
inline constexpr std::string_view redaction_mark = "[redacted]";

// The first personal data, also when percent-encoded (several times over), in full-width characters or cut by
// invisible ones.
// - email: jon@example.com, also with letters of any script;
// - phone: international (+49 30 …, 0049 30 …, tel:…) and formatted national numbers ((555) 123-4567, 030
// 1234567):
//   digits without a format are ids, never telephone numbers; neither are timestamps, decimals, UUIDs, hex
//   digests and article numbers;
// - card: 13 to 19 digits of a card network's range and length that pass the Luhn check;
// - iban: a country's length, and the check modulo 97;
// - ip: IPv4 and IPv6 addresses, private ones too;
// - ssn: US social security numbers with hyphens or blanks, of the ranges that are given out.
std::optional<kind> find(std::string_view text, meaning as = meaning::free_text);

// The same for what stands in a column or JSON member of this name: an id when is_id_name() says so.
std::optional<kind> find_in(std::string_view holder, std::string_view text);

// The text with every finding replaced by redaction_mark, and its look-alike characters folded; the whole
// text when a finding shows only after decoding. Always: !find(redact(text, as), as).
std::string redact(std::string_view text, meaning as = meaning::free_text);

}  // namespace attribution::pii
