// Members of Shopify's objects, each checked. What is refused is named by its member, never quoted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/document.hpp"
#include "core/money/money.hpp"

namespace attribution::providers::shopify {

// An object and what it should be ("an order"). Topics are not signed, so the body of another topic may come
// in under its name: each object is read by the members that only its kind has.
struct shaped {
    json::value object;
    std::string_view what;
};

// Throws error RA007.
[[noreturn]] void refuse_member(const shaped& from, std::string_view member);

// The exact digits of an id: ids pass 2^53, so they are never taken for a number. Error RA007.
std::string_view id_of(const shaped& from, std::string_view member = "id");

// An RFC 3339 time; error RA007 when it is none.
std::string_view time_of(const shaped& from, std::string_view member);
// The time of `member`, or that of `otherwise` when it is null.
std::string_view time_of(const shaped& from, std::string_view member, std::string_view otherwise);

// A time whose second is divided: `rank` (0 to 9) orders what has the same time, written as microseconds.
std::string ranked_time(std::string_view time, int rank);

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

std::string order_key(std::string_view order_id);  // "shopify:order:…"

}  // namespace attribution::providers::shopify
