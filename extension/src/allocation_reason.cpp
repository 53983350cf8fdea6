#include "extension/src/allocation_reason.hpp"

#include <array>

#include "extension/src/compat.hpp"

namespace attribution::allocations {

namespace {

// Of these the first, by hand, is what a statement says that says nothing.
constexpr std::array<config_enum_entry, 8> reasons{{
    {"manual", 0, false},
    {"new_entry", 1, false},
    {"late_touchpoint", 2, false},
    {"late_sale", 3, false},
    {"refit", 4, false},
    {"journey_link", 5, false},
    {"journey_erasure", 6, false},
    {nullptr, 0, false},
}};

int reason = 0;

}  // namespace

void define_reason_setting() {
    DefineCustomEnumVariable("attribution.allocation_reason", "Why revenue is divided anew.",
                             "Stored with the sets that are made while it is set.", &reason, 0,
                             reasons.data(), PGC_USERSET, GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
}

const char* current_reason() {
    return reasons[static_cast<std::size_t>(reason)].name;
}

reason_scope::reason_scope(std::string_view name) : outer_(reason) {
    for (const config_enum_entry& known : reasons)
        if (known.name != nullptr && known.name == name) reason = known.val;
}

reason_scope::~reason_scope() {
    reason = outer_;
}

}  // namespace attribution::allocations
