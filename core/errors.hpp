// The product's errors: one table from SQLSTATE to the name and HTTP status that clients see, and the
// exception that carries one. The extension raises the SQLSTATE, the server answers the problem type of that
// name.
#pragma once

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace attribution {

struct error_kind {
    std::string_view sqlstate;
    std::string_view name;
    int http_status;
    std::string_view title;
};

inline constexpr std::array<error_kind, 12> error_kinds{{
    {"RA001", "pii_detected", 422, "Personal data was found where none may be stored"},
    {"RA002", "allocation_sum_mismatch", 422, "Allocations do not add up to the ledger entry"},
    {"RA003", "append_only", 409, "Rows of this table are never changed"},
    {"RA004", "delivery_conflict", 409, "The same delivery or money was reported with other content before"},
    {"RA005", "invalid_amount", 422, "An amount of money is not valid"},
    {"RA006", "unknown_currency", 422, "The currency is unknown"},
    {"RA007", "invalid_event", 422, "The event is not valid"},
    {"RA008", "tenant_required", 403, "No tenant is set"},
    {"RA009", "unknown_tenant", 404, "The tenant is unknown or not active"},
    {"RA010", "publishable_key", 403, "A publishable key cannot do this"},
    {"RA011", "unknown_channel", 422, "The channel is unknown"},
    {"RA012", "invalid_spend", 422, "The ad spend is not valid"},
}};

inline constexpr std::string_view pii_detected = "RA001";
inline constexpr std::string_view allocation_sum_mismatch = "RA002";
inline constexpr std::string_view append_only = "RA003";
inline constexpr std::string_view delivery_conflict = "RA004";
inline constexpr std::string_view invalid_amount = "RA005";
inline constexpr std::string_view unknown_currency = "RA006";
inline constexpr std::string_view invalid_event = "RA007";
inline constexpr std::string_view tenant_required = "RA008";
inline constexpr std::string_view unknown_tenant = "RA009";
inline constexpr std::string_view publishable_key = "RA010";
inline constexpr std::string_view unknown_channel = "RA011";
inline constexpr std::string_view invalid_spend = "RA012";

// The row of a SQLSTATE, or nullptr when it is not one of ours.
constexpr const error_kind* find_error_kind(std::string_view sqlstate) {
    const auto* row = std::find_if(error_kinds.begin(), error_kinds.end(),
                                   [sqlstate](const error_kind& kind) { return kind.sqlstate == sqlstate; });
    return row == error_kinds.end() ? nullptr : row;
}

// `sqlstate` is one of the constants above or a literal of PostgreSQL's own: it must outlive the exception.
// what() is the message; the detail says what was found, the hint what to do. None quotes personal data.
class error : public std::runtime_error {
  public:
    error(std::string_view sqlstate, const std::string& message, std::string detail = {},
          std::string hint = {})
        : std::runtime_error(message),
          sqlstate_(sqlstate),
          detail_(std::move(detail)),
          hint_(std::move(hint)) {}

    [[nodiscard]] std::string_view sqlstate() const noexcept { return sqlstate_; }
    [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

  private:
    std::string_view sqlstate_;
    std::string detail_;
    std::string hint_;
};

}  // namespace attribution
