// Statements that are prepared once per connection, their parameters and results.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attribution::db {

// A name stands for one text: connections remember what they have prepared by it.
struct statement {
    const char* name;
    const char* sql;
};

// All statements of the transaction see one snapshot.
inline constexpr statement begin_read_only{"begin_ro", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};

// The tenant of the transaction, for services that read through row security.
inline constexpr statement set_tenant{"set_tenant", "SELECT attribution.set_tenant(tenant_id => $1)"};

// One execution. Parameters are text; nullopt is NULL. What they hold must be free of personal data:
// PostgreSQL can log it.
struct call {
    const statement* what;
    std::vector<std::optional<std::string>> parameters;

    template <class... Parameters>
    explicit call(const statement& s, Parameters&&... values) : what(&s) {
        parameters.reserve(sizeof...(values));
        (parameters.emplace_back(std::forward<Parameters>(values)), ...);
    }
};

// The roles of DESIGN: each service works as its own, for one transaction at a time.
inline constexpr statement as_ingestion{"as_ingestion", "SET LOCAL ROLE attribution_svc_ingestion"};
inline constexpr statement as_attribution{"as_attribution", "SET LOCAL ROLE attribution_svc_attribution"};
inline constexpr statement as_export{"as_export", "SET LOCAL ROLE attribution_svc_export"};
inline constexpr statement as_server{"as_server", "SET LOCAL ROLE attribution_server"};
inline constexpr statement as_admin{"as_admin", "SET LOCAL ROLE attribution_admin"};

class result {
  public:
    explicit result(PGresult* raw) : raw_(raw, &PQclear) {}

    int rows() const { return PQntuples(raw_.get()); }
    bool is_null(int row, int column) const { return PQgetisnull(raw_.get(), row, column) != 0; }
    // Empty for NULL.
    std::string_view text(int row, int column) const {
        return {PQgetvalue(raw_.get(), row, column),
                static_cast<std::size_t>(PQgetlength(raw_.get(), row, column))};
    }
    ExecStatusType status() const { return PQresultStatus(raw_.get()); }
    std::string_view command_tag() const { return PQcmdStatus(raw_.get()); }
    const PGresult* raw() const { return raw_.get(); }

  private:
    std::unique_ptr<PGresult, void (*)(PGresult*)> raw_;
};

}  // namespace attribution::db
