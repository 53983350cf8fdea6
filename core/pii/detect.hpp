// Finds personal data in free text: e-mail addresses and telephone numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attribution::pii {

enum class kind : std::uint8_t { email, phone, personal_key };

// "email", "phone", "personal_key": the kind as SQL shows it.
std::string_view name(kind what) noexcept;

// What stands in place of what was taken out.
inline constexpr std::string_view redaction_mark = "[redacted]";

// The first e-mail address or telephone number, also when percent-encoded (several times over), in full-width
// characters or cut by invisible ones. Telephone numbers are international ones (+49 30 …, 0049 30 …, tel:…)
// and formatted national ones ((555) 123-4567, 030 1234567): digits without a format are ids, never telephone
// numbers; neither are timestamps, decimals, UUIDs, hex digests, IP addresses and article numbers.
std::optional<kind> find(std::string_view text);

// The text with every finding replaced by redaction_mark; the whole text when a finding shows only after
// decoding. Always: !find(redact(text)).
std::string redact(std::string_view text);

}  // namespace attribution::pii
