// Members of Stripe's objects, each checked. What is refused is named by its member, never quoted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/json/document.hpp"
#include "core/money/money.hpp"
#include "core/providers/timestamp.hpp"

namespace attribution::providers::stripe {

// The id in a member: a text of letters, digits and underscores. Error RA007.
std::string_view id_of(json::value object, std::string_view member = "id");

// The id of another object, which stands there itself or as its id; empty when null.
std::string_view reference(json::value object, std::string_view member);

// A word of Stripe's own (a status, a reason): small letters and underscores. Empty for anything else.
std::string_view word_of(json::value text);

// Seconds since 1970 up to the year 9999. Error RA007.
std::int64_t seconds_of(json::value object, std::string_view member);

// The object's currency, which Stripe writes in small letters. Error RA006, or RA007 when there is none.
money::currency currency_of(json::value object);

// An amount in minor units of ISO 4217. Stripe writes whole numbers of its own minor unit, which differs for
// a few currencies (https://docs.stripe.com/currencies). Error RA007 when it is not a number, RA005 when it
// is negative, not a whole one, too large, or not a whole number of minor units.
std::int64_t amount_of(json::value object, std::string_view member, money::currency currency);

}  // namespace attribution::providers::stripe
