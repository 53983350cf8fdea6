// The tenant that the session works for: the setting attribution.tenant_id, which only superusers may SET,
// only set_tenant() changes for others, and only current_tenant() reads.
#pragma once

#include <optional>

#include "extension/src/compat.hpp"

namespace attribution {

// Defines the setting; called once when the library is loaded.
void define_tenant_setting();

// The tenant, or nothing when none is set.
std::optional<pg_uuid_t> current_tenant();

// Makes `tenant` the current one until the transaction ends. Who works for that tenant already may always;
// for another tenant only superusers and roles that serve all tenants, else error 42501. It does not look
// whether the tenant exists.
void enter_tenant(const pg_uuid_t& tenant);

}  // namespace attribution
