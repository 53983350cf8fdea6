// Members of PayPal's resources, each checked. What is refused is named by its member, never quoted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/json/document.hpp"
#include "core/money/money.hpp"

namespace attribution::providers::paypal {

// PayPal's ids: capital letters, digits and hyphens.
bool is_id(std::string_view text);

// The id in a member. Error RA007.
std::string_view id_of(json::value object, std::string_view member = "id");

// An RFC 3339 time; error RA007 when it is none.
std::string_view time_of(json::value object, std::string_view member);
// The same, or `otherwise` when there is no such member.
std::string_view time_of(json::value object, std::string_view member, std::string_view otherwise);

// A word of PayPal's own (a status, an outcome) in small letters: version 1 writes completed, version 2
// COMPLETED. Empty for anything else.
std::string word_of(json::value text);

// The status of a payment or refund; empty when there is none.
std::string status_of(json::value resource);

struct amount {
    std::int64_t minor;  // of ISO 4217
    money::currency currency;
};

// A member {total, currency} or {value, currency_code}. PayPal writes HUF, JPY and TWD without decimals
// (https://developer.paypal.com/api/rest/reference/currency-codes/); zeros behind a point are let pass. Error
// RA007 when it has another form, RA005 when it is no exact amount, RA006 for an unknown currency.
amount amount_of(json::value object, std::string_view member);

// A text in that currency.
std::int64_t minor_of(json::value text, std::string_view member, money::currency currency);

}  // namespace attribution::providers::paypal
