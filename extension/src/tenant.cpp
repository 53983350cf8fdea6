#include "extension/src/tenant.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "extension/src/guard.hpp"

extern "C" {
#include "utils/acl.h"
}

namespace attribution {

namespace {

constexpr const char* setting_name = "attribution.tenant_id";

struct tenant_value {
    bool set;
    pg_uuid_t id;
};

char* setting_text = nullptr;
tenant_value current{};
const entered_tenants* entered = nullptr;

// Who works for many tenants. The outer user counts, not the owner of a SECURITY DEFINER function.
constexpr std::array<const char*, 7> roles_of_all_tenants{
    "attribution_svc_ingestion", "attribution_svc_attribution",    "attribution_svc_auth",
    "attribution_svc_export",    "attribution_svc_reconciliation", "attribution_admin",
    "attribution_maintainer",
};

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The canonical form only (8-4-4-4-12). PostgreSQL's own parser would raise an error, which a check hook must
// not.
bool parse_uuid(const char* text, pg_uuid_t& id) {
    if (std::strlen(text) != 36) return false;
    for (int i = 0; i < UUID_LEN; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            if (*text++ != '-') return false;
        }
        const int high = hex_value(*text++);
        const int low = hex_value(*text++);
        if (high < 0 || low < 0) return false;
        id.data[i] = static_cast<unsigned char>(high << 4 | low);
    }
    return true;
}

bool check_tenant(char** text, void** extra, GucSource /*source*/) {
    tenant_value value{};
    value.set = **text != '\0';
    if (value.set && !parse_uuid(*text, value.id)) {
        GUC_check_errdetail("The value must be a UUID or empty.");
        return false;
    }
    *extra = compat::guc_alloc(sizeof value);
    if (*extra == nullptr) return false;
    std::memcpy(*extra, &value, sizeof value);
    return true;
}

void assign_tenant(const char* /*text*/, void* extra) {
    if (extra == nullptr) {
        current = {};
    } else {
        std::memcpy(&current, extra, sizeof current);
    }
}

bool serves_all_tenants(Oid user) {
    for (const char* name : roles_of_all_tenants) {
        const Oid role = get_role_oid(name, true);
        if (OidIsValid(role) && has_privs_of_role(user, role)) return true;
    }
    return false;  // superusers have the privileges of every role
}

bool is_current(const pg_uuid_t& tenant) {
    return current.set && std::memcmp(current.id.data, tenant.data, UUID_LEN) == 0;
}

bool is_less(const pg_uuid_t& a, const pg_uuid_t& b) {
    return std::memcmp(a.data, b.data, UUID_LEN) < 0;
}

void require_service() {
    if (call([] { return serves_all_tenants(GetOuterUserId()); })) return;
    throw error(
        "42501", "permission denied to work for another tenant", {},
        "A login sees the tenant that attribution.grant_tenant_access() bound it to. Services switch to "
        "their role (SET LOCAL ROLE attribution_svc_…) before they name a tenant.");
}

void set_locally(const char* value) {
    (void)set_config_option(setting_name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

void set_tenant_locally(const pg_uuid_t& tenant) {
    char* text = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&tenant)));
    set_locally(text);
    pfree(text);
}

void leave_tenant() {
    set_locally("");
}

}  // namespace

void define_tenant_setting() {
    DefineCustomStringVariable(
        setting_name, "The tenant whose rows the session sees.",
        "Bound to a login with attribution.grant_tenant_access(); services set it with "
        "attribution.set_tenant(). Without it no tenant's rows are seen.",
        &setting_text, "", PGC_SUSET, GUC_NOT_IN_SAMPLE, check_tenant, assign_tenant, nullptr);
}

std::optional<pg_uuid_t> current_tenant() {
    if (!current.set) return std::nullopt;
    return current.id;
}

void enter_tenant(const pg_uuid_t& tenant) {
    if (is_current(tenant)) return;
    require_service();
    call([&] { set_tenant_locally(tenant); });
}

entered_tenants::entered_tenants(std::vector<pg_uuid_t> tenants)
    : tenants_(std::move(tenants)), outer_(entered) {
    if (!std::all_of(tenants_.begin(), tenants_.end(), &is_current)) require_service();
    std::sort(tenants_.begin(), tenants_.end(), &is_less);
    entered = this;
}

entered_tenants::~entered_tenants() {
    entered = outer_;
}

bool entered_tenants::contain(const pg_uuid_t& tenant) const {
    return std::binary_search(tenants_.begin(), tenants_.end(), tenant, &is_less);
}

}  // namespace attribution

ATTRIBUTION_FUNCTION(attribution_current_tenant) {
    return attribution::guard([&]() -> Datum {
        const auto tenant = attribution::current_tenant();
        if (!tenant) PG_RETURN_NULL();
        return attribution::call([&] {
            auto* result = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
            *result = *tenant;
            return UUIDPGetDatum(result);
        });
    });
}

ATTRIBUTION_FUNCTION(attribution_set_tenant) {
    return attribution::guard([&]() -> Datum {
        if (PG_ARGISNULL(0)) {
            throw attribution::error(attribution::tenant_required, "tenant_id must not be null", {},
                                     "Name the tenant: SELECT attribution.set_tenant(tenant_id => '…').");
        }
        attribution::enter_tenant(*PG_GETARG_UUID_P(0));
        PG_RETURN_VOID();
    });
}

ATTRIBUTION_FUNCTION(attribution_restore_tenant) {
    return attribution::guard([&]() -> Datum {
        if (!PG_ARGISNULL(0)) {
            attribution::enter_tenant(*PG_GETARG_UUID_P(0));
        } else {
            attribution::call([] { attribution::leave_tenant(); });
        }
        PG_RETURN_VOID();
    });
}

ATTRIBUTION_FUNCTION(attribution_is_entered_tenant) {
    return attribution::guard([&]() -> Datum {
        PG_RETURN_BOOL(attribution::entered != nullptr &&
                       attribution::entered->contain(*PG_GETARG_UUID_P(0)));
    });
}
