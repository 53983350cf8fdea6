// The errors of the product: one table for SQLSTATE, HTTP status and problem type, and the exception that
// carries one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace attribution {

// In the order of error_table, which errors.cpp checks at compile time.
enum class error_code : std::uint8_t {
    pii_detected,
    append_only,
    delivery_conflict,
    invalid_amount,
    unknown_currency,
    invalid_event,
    tenant_required,
    unknown_tenant,
};

struct error_info {
    error_code code;
    std::string_view sqlstate;  // five characters, class RA
    std::string_view name;      // problem type is urn:attribution:problem:<name>
    int http_status;
    std::string_view title;  // begins with a capital, no full stop
};

inline constexpr std::array<error_info, 8> error_table{{
    {error_code::pii_detected, "RA001", "pii_detected", 422, "Personal data detected"},
    {error_code::append_only, "RA003", "append_only", 409, "Table is append-only"},
    {error_code::delivery_conflict, "RA004", "delivery_conflict", 409, "Delivery contradicts what is stored"},
    {error_code::invalid_amount, "RA005", "invalid_amount", 422, "Invalid amount"},
    {error_code::unknown_currency, "RA006", "unknown_currency", 422, "Unknown currency"},
    {error_code::invalid_event, "RA007", "invalid_event", 422, "Invalid event"},
    {error_code::tenant_required, "RA008", "tenant_required", 403, "Tenant required"},
    {error_code::unknown_tenant, "RA009", "unknown_tenant", 404, "Unknown or inactive tenant"},
}};

constexpr const error_info& info(error_code code) {
    return error_table[static_cast<std::size_t>(code)];
}

// The row with this SQLSTATE, or nullptr when the code is not one of ours.
constexpr const error_info* find_error(std::string_view sqlstate) {
    for (const error_info& row : error_table)
        if (row.sqlstate == sqlstate) return &row;
    return nullptr;
}

// what() is the title as PostgreSQL writes messages (first letter small). Detail and hint are whole sentences
// and never quote what an outside party sent, because they reach logs and dead letters.
class error : public std::runtime_error {
  public:
    error(error_code code, std::string detail, std::string hint = {});

    error_code code() const noexcept { return code_; }
    std::string_view sqlstate() const noexcept { return info(code_).sqlstate; }
    const std::string& detail() const noexcept { return detail_; }
    const std::string& hint() const noexcept { return hint_; }  // may be empty

  private:
    error_code code_;
    std::string detail_;
    std::string hint_;
};

}  // namespace attribution
