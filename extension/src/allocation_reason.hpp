// Why sets are made: the setting attribution.allocation_reason, which ends in the column reason of
// allocation_sets. A setting, because the trigger makes the sets and the reason is none of their parts.
#pragma once

#include <string_view>

namespace attribution::allocations {

// Called once when the library is loaded.
void define_reason_setting();

[[nodiscard]] const char* current_reason();

// The reason of what is made while it lives: one of the setting's values.
class reason_scope {
  public:
    explicit reason_scope(std::string_view name);
    ~reason_scope();
    reason_scope(const reason_scope&) = delete;
    reason_scope& operator=(const reason_scope&) = delete;

  private:
    int outer_;
};

}  // namespace attribution::allocations
