#include "server/db/write_json.hpp"

namespace attribution::db {

void write_text(json::writer& out, std::string_view name, const result& rows, int row, int column) {
    out.key(name);
    if (rows.is_null(row, column))
        out.null();
    else
        out.string(rows.text(row, column));
}

void write_number(json::writer& out, std::string_view name, const result& rows, int row, int column) {
    out.key(name);
    if (rows.is_null(row, column))
        out.null();
    else
        out.raw(rows.text(row, column));
}

}  // namespace attribution::db
