// JSON lines on stderr. A line carries what the code names: never a query string, a body or a header's value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace attribution::log {

enum class level { debug, info, warn, error };

struct member {
    std::string_view name;
    std::variant<std::string_view, std::int64_t> value;
};

// A member with an empty text is left out. Texts are valid UTF-8. Lines below `lowest` are dropped. Lines are buffered: flush() writes them, and a warning or error flushes at once.
void configure(level lowest);
bool enabled(level l);

void write(level l, std::string_view event, std::initializer_list<member> members = {});
void flush();

}  // namespace attribution::log
