// The tenant that the session works for: the setting attribution.tenant_id, which only superusers may SET,
// only set_tenant() changes for others, and only current_tenant() reads.
#pragma once

#include <optional>
#include <vector>

#include "extension/src/compat.hpp"

namespace attribution {

// Defines the setting; called once when the library is loaded.
void define_tenant_setting();

// The tenant, or nothing when none is set.
std::optional<pg_uuid_t> current_tenant();

// While it lives, the functions of attribution_owner see the rows of these tenants too: ingestion of many
// tenants in one statement. Allowed to whom enter_tenant() would let into each of them, else error 42501.
class entered_tenants {
  public:
    explicit entered_tenants(std::vector<pg_uuid_t> tenants);
    ~entered_tenants();
    entered_tenants(const entered_tenants&) = delete;
    entered_tenants& operator=(const entered_tenants&) = delete;

    [[nodiscard]] bool contain(const pg_uuid_t& tenant) const;

  private:
    std::vector<pg_uuid_t> tenants_;  // sorted
    const entered_tenants* outer_;
};

// Makes `tenant` the current one until the transaction ends. Who works for that tenant already may always;
// for another tenant only superusers and roles that serve all tenants, else error 42501. It does not look
// whether the tenant exists.
void enter_tenant(const pg_uuid_t& tenant);

}  // namespace attribution
