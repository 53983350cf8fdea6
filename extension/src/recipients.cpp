#include "extension/src/recipients.hpp"

namespace attribution::allocations {

std::uint32_t recipient_table::number_of(const recipient& one) {
    const auto known = numbers_.find(one);
    if (known != numbers_.end()) return known->second;
    const auto number = static_cast<std::uint32_t>(names_.size());
    names_.push_back({std::string(one.channel), std::string(one.campaign)});
    numbers_.emplace(names_.back().view(), number);
    return number;
}

}  // namespace attribution::allocations
