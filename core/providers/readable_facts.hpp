// What is kept of a body that an adapter had to refuse, so that a person can see what it was about.
#pragma once

#include <string>
#include <string_view>

namespace attribution::providers {

// A JSON object of the members of the body (and of Stripe's data.object and Shopify's order_edit) that are
// ids, amounts, times and states by their name, none of them longer than 64 characters, and without personal
// data. Empty when the body is not a JSON object or has none of them.
std::string readable_facts(std::string_view body);

}  // namespace attribution::providers
