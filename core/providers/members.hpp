// Members of a provider's objects, each checked. What is refused is named by its member, never quoted.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/json/document.hpp"
#include "core/money/money.hpp"

namespace attribution::providers {

// An object and what it should be ("an order"). Where topics are not signed, the body of another topic may
// come in under its name: each object is read by the members that only its kind has.
struct shaped {
    json::value object;
    std::string_view what;
};

// Throws error RA007.
[[noreturn]] void refuse_member(const shaped& from, std::string_view member);

// The exact digits of an id: ids pass 2^53, so they are never taken for a number. Error RA007.
std::string_view id_of(const shaped& from, std::string_view member = "id");

// A text of the member; error RA007 when it is none.
std::string_view text_of(const shaped& from, std::string_view member);

// The object's currency. Error RA006, or RA007 when there is none.
money::currency currency_of(const shaped& from);

// An amount in minor units. Error RA007 when it is neither text nor number, RA005 when it is no exact amount.
std::int64_t amount_of(const shaped& from, std::string_view member, money::currency currency);
std::optional<std::int64_t> optional_amount(const shaped& from, std::string_view member,
                                            money::currency currency);
// One that is not negative; RA005.
std::int64_t unsigned_amount_of(const shaped& from, std::string_view member, money::currency currency);

}  // namespace attribution::providers
