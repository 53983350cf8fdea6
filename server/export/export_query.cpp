#include "server/export/export_query.hpp"

#include <array>
#include <span>

namespace attribution::exports {

namespace {

enum class content : std::uint8_t { exact, decimal, text, moment };

struct column {
    std::string_view name;
    content holds;
};

// Names and order are promised to clients: new ones go to the end.
constexpr std::array<column, 17> entry_columns{{
    {"entry_id", content::exact},
    {"event_id", content::exact},
    {"source", content::text},
    {"order_id", content::text},
    {"money_key", content::text},
    {"sale_key", content::text},
    {"kind", content::exact},
    {"step", content::exact},
    {"occurred_at", content::moment},
    {"local_day", content::exact},
    {"booked_at", content::moment},
    {"channel", content::text},
    {"currency", content::exact},
    {"amount_minor", content::exact},
    {"amount", content::decimal},
    {"tax_minor", content::exact},
    {"shipping_minor", content::exact},
}};
constexpr std::array<column, 6> part_columns{{
    {"model", content::text},
    {"revision", content::exact},
    {"allocated_channel", content::text},
    {"allocated_campaign", content::text},
    {"allocated_minor", content::exact},
    {"allocated", content::decimal},
}};

// A spreadsheet would take some texts for formulas; programs that read JSON get texts as they are. In JSON
// times are written like this by themselves, and decimal numbers are texts, or readers would take them for
// binary ones.
std::string written(const column& c, format as) {
    std::string value = "r." + std::string(c.name);
    if (as != format::csv) return c.holds == content::decimal ? value + "::text" : value;
    if (c.holds == content::text) return "attribution.neutralize_formula(" + value + ")";
    return c.holds == content::moment ? "attribution.rfc3339(" + value + ")" : value;
}

void append_columns(std::string& sql, std::span<const column> columns, format as) {
    for (const column& c : columns) {
        if (!sql.ends_with("SELECT ")) sql += ", ";
        sql += written(c, as) + " AS " + std::string(c.name);
    }
}

// A page begins at its first bucket by an index; within it the whole key counts.
void append_start(std::string& sql, const export_request& asked, const quote& as_literal) {
    const row_key& key = *asked.after;
    const std::string bucket = as_literal(key.bucket_start) + "::timestamptz";
    const std::string entry = as_literal(key.entry_id) + "::uuid";
    sql += " AND r.bucket_start >= " + bucket;
    if (asked.model) {
        sql += " AND (r.bucket_start, r.entry_id, r.allocated_channel, r.allocated_campaign) > (" + bucket +
               ", " + entry + ", " + as_literal(key.channel) + ", " + as_literal(key.campaign) + ")";
    } else {
        sql += " AND (r.bucket_start, r.entry_id) > (" + bucket + ", " + entry + ")";
    }
}

std::string rows_of(const export_request& asked, const range& within, const quote& as_literal) {
    std::string sql =
        asked.model ? " FROM attribution.revenue_allocations AS r" : " FROM attribution.revenue_entries AS r";
    sql += " WHERE r.tenant_id = attribution.current_tenant()";
    const auto where = [&](std::string_view condition, const std::optional<std::string>& value,
                           std::string_view type) {
        if (value) sql += " AND r." + std::string(condition) + " " + as_literal(*value) + std::string(type);
    };
    where("bucket_start >=", within.from, "::timestamptz");
    where("bucket_start <", within.to, "::timestamptz");
    where(asked.model ? "allocated_channel =" : "channel =", asked.channel, "");
    where("model =", asked.model, "");
    where("source =", asked.source, "");
    where("kind =", asked.kind, "");
    if (asked.after) append_start(sql, asked, as_literal);
    sql += " ORDER BY r.bucket_start, r.entry_id";
    if (asked.model) sql += ", r.allocated_channel, r.allocated_campaign";
    return sql;
}

}  // namespace

std::string copy_statement(const export_request& asked, const range& within, const quote& as_literal) {
    std::string select = "SELECT ";
    append_columns(select, entry_columns, asked.as);
    if (asked.model) append_columns(select, part_columns, asked.as);
    select += rows_of(asked, within, as_literal);
    if (asked.limit) select += " LIMIT " + std::to_string(*asked.limit);
    if (asked.as == format::csv) return "COPY (" + select + ") TO STDOUT (FORMAT csv, HEADER)";
    // JSON escapes control characters, so with these nothing is ever quoted: each line is the object as it
    // stands.
    return "COPY (SELECT row_to_json(j) FROM (" + select +
           R"() AS j) TO STDOUT (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02'))";
}

std::string end_of_page_statement(const export_request& asked, const range& within, const quote& as_literal) {
    std::string sql = "SELECT attribution.rfc3339(r.bucket_start), r.entry_id";
    if (asked.model) sql += ", r.allocated_channel, r.allocated_campaign";
    sql += rows_of(asked, within, as_literal);
    return sql + " OFFSET " + std::to_string(asked.limit.value() - 1) + " LIMIT 2";
}

}  // namespace attribution::exports
