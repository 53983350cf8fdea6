// Values of webhooks, made by their own rules and not by those of the detectors: RFC 5322 and 6531, national
// telephone formats, ISO 13616, ranges of card networks, RFC 4291.
#pragma once

#include <string>

#include "core/pii/detect.hpp"
#include "tests/pii/dice.hpp"

namespace attribution::test {

// What a person would write: an address, a number, without a text around it.
std::string personal_value(dice& random, pii::kind what);

// What is no personal data but may look like it: ids, versions, times, amounts, tracking numbers.
std::string harmless_value(dice& random);

// A number of 13 to 16 digits that passes the Luhn check, as one in ten ids of a shop does.
std::string luhn_id(dice& random);

}  // namespace attribution::test
