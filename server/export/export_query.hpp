// The statements of an export. COPY takes no parameters, so values stand in them as literals.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/export/export_request.hpp"

namespace attribution::exports {

// The ends of the range as the database writes them.
struct range {
    std::optional<std::string> from;
    std::optional<std::string> to;
};

// A text as a literal of SQL. Throws when that cannot be.
using quote = std::function<std::string(std::string_view)>;

// COPY … TO STDOUT of the rows: CSV with its header, or a JSON object in each line.
std::string copy_statement(const export_request& asked, const range& within, const quote& as_literal);

// The key of a page's last row and, when there are rows behind it, one row more; nothing when the page is not
// full.
std::string end_of_page_statement(const export_request& asked, const range& within, const quote& as_literal);

}  // namespace attribution::exports
