// Reads one item of POST /api/ingest member by member. Every refusal names the member that it is about, and
// quotes no value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/json/document.hpp"
#include "core/money/money.hpp"

namespace attribution::providers::merchant {

// An optional member that is null is absent; its text is empty then. All throw error RA007 when the member is
// not what it must be, or is required and absent; amounts RA005, the currency RA006.
class item_reader {
  public:
    // Throws RA001 when the item holds personal data anywhere but in its URLs (members "url" and "referrer"),
    // of which only what is harmless is ever read. The detail is the JSON path.
    explicit item_reader(json::value item);

    // Throws when the item has a member that is not among `known`.
    void refuse_others(std::span<const std::string_view> known) const;

    std::string_view text(std::string_view member) const;  // any text
    std::string key(std::string_view member,
                    std::size_t shortest = 1) const;  // of the contract, ≤ 100 characters
    std::string required_key(std::string_view member) const;
    std::string time(std::string_view member) const;  // RFC 3339
    std::string required_time(std::string_view member) const;
    bool flag(std::string_view member, bool otherwise) const;
    money::currency currency() const;  // member "currency", required
    // Minor units of a decimal text that is not negative.
    std::optional<std::int64_t> amount(std::string_view member, money::currency in) const;

    bool has(std::string_view member) const { return !item_[member].is_null(); }

  private:
    json::value item_;
};

[[noreturn]] void refuse(std::string_view member, std::string_view why);

}  // namespace attribution::providers::merchant
