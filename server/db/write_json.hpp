// Columns of a result as members of a JSON object; NULL is null.
#pragma once

#include <string_view>

#include "core/json/writer.hpp"
#include "server/db/statement.hpp"

namespace attribution::db {

void write_text(json::writer& out, std::string_view name, const result& rows, int row, int column);
void write_number(json::writer& out, std::string_view name, const result& rows, int row, int column);

}  // namespace attribution::db
