#include "core/json/canonical.hpp"

#include <algorithm>
#include <vector>

#include "core/json/writer.hpp"

namespace attribution::json {

namespace {

// As deep as a document may be: max_depth.
void write(writer& out, value from) {  // NOLINT(misc-no-recursion)
    switch (from.kind()) {
        case kind::object: {
            std::vector<value> members;
            members.reserve(from.size());
            for (const value member : from) members.push_back(member);
            std::sort(members.begin(), members.end(), [](value a, value b) { return a.key() < b.key(); });
            out.begin_object();
            for (const value member : members) write(out.key(member.key()), member);
            out.end_object();
            return;
        }
        case kind::array:
            out.begin_array();
            for (const value element : from) write(out, element);
            out.end_array();
            return;
        case kind::string:
            out.string(from.text());
            return;
        case kind::null:
            out.null();
            return;
        default:
            out.raw(from.text());
    }
}

}  // namespace

std::string canonical(value from) {
    writer out;
    write(out, from);
    return std::move(out).text();
}

}  // namespace attribution::json
