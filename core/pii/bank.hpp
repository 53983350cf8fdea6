// Where the number of a payment card or an IBAN stands in a text. Part of detect; not for use elsewhere.
#pragma once

#include <cstddef>
#include <string_view>

namespace attribution::pii::detail {

// The end of the card number that begins with the digits from `at` to `run_end`, or `at`: 13 to 19 digits,
// bare or grouped as on cards by blanks, hyphens or dots, of an issuer's range and length, with a right check
// digit.
std::size_t card_end(std::string_view text, std::size_t at, std::size_t run_end);

// The end of the IBAN that begins at `at`, or `at`: a country that has them, its length, right check digits;
// bare or in groups, in capitals or small letters.
std::size_t iban_end(std::string_view text, std::size_t at);

}  // namespace attribution::pii::detail
