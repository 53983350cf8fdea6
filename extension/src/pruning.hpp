// Deleting superseded allocations: the one DELETE that append-only tables let pass.
#pragma once

namespace attribution::allocations {

// Whether prune_allocations() runs its DELETE.
[[nodiscard]] bool is_pruning();

}  // namespace attribution::allocations
