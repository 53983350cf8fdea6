// The channel rules of this backend, compiled: loaded when first needed, thrown away when the tables change.
#pragma once

#include <memory>
#include <optional>

#include "core/channels/rule_set.hpp"
#include "extension/src/compat.hpp"

namespace attribution::channels {

// The rules that hold for one tenant. Keeps them alive, whatever happens to the cache meanwhile.
struct tenant_rules {
    std::shared_ptr<const rule_set> own;  // null when the tenant has none
    std::shared_ptr<const rule_set> builtin;

    // The first rule that holds; the tenant's own come first. Null when none does.
    [[nodiscard]] const rule* match(const signals_view& visit) const;
};

// The channel of visits that no rule knows.
inline constexpr const char* unknown_channel = "unknown";

// The rules as of now, with every change that is committed, or made by this transaction. Raises an error with
// a hint when the tables do not exist. Not for parallel mode: it reads with a snapshot of its own.
[[nodiscard]] tenant_rules rules_of(const std::optional<pg_uuid_t>& tenant);

}  // namespace attribution::channels
