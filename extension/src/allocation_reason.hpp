// Why sets are made: the setting attribution.allocation_reason, which ends in the column reason of
// allocation_sets. A setting, because the trigger makes the sets and the reason is none of their parts.
#pragma once

namespace attribution::allocations {

// Called once when the library is loaded.
void define_reason_setting();

[[nodiscard]] const char* current_reason();

}  // namespace attribution::allocations
