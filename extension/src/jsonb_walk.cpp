#include "extension/src/jsonb_walk.hpp"

#include <algorithm>

namespace attribution {

namespace {

bool is_plain_name(std::string_view name) {
    return !name.empty() &&
           name.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") ==
               std::string_view::npos;
}

}  // namespace

void jsonb_walk::open(const JsonbContainer* container) {
    if (depth_ == capacity_) {
        auto* more = static_cast<level*>(palloc(sizeof(level) * 2 * static_cast<std::size_t>(capacity_)));
        std::copy(levels_, levels_ + depth_, more);
        levels_ = more;
        capacity_ *= 2;
    }
    const bool is_array = JsonContainerIsArray(container);
    const uint32 count = JsonContainerSize(container);
    const uint32 entries = is_array ? count : 2 * count;
    level& opened = levels_[depth_++];
    opened.entries = container->children;
    opened.data = reinterpret_cast<const char*>(container->children + entries);
    opened.count = count;
    opened.at = 0;
    opened.name_offset = 0;
    opened.value_offset = is_array ? 0 : getJsonbOffset(container, static_cast<int>(count));
    opened.is_array = is_array;
    opened.is_scalar = JsonContainerIsScalar(container);
    opened.in_member = false;
    opened.name = nullptr;
    opened.name_size = 0;
}

std::string_view jsonb_walk::pass_name(level& top) {
    const uint32 begin = top.name_offset;
    JBE_ADVANCE_OFFSET(top.name_offset, top.entries[top.at]);
    top.in_member = true;
    top.name = top.data + begin;
    top.name_size = top.name_offset - begin;
    return top.name_text();
}

jsonb_walk::step jsonb_walk::next(std::string_view& text) {
    while (depth_ > 0) {
        level& top = levels_[depth_ - 1];
        if (top.at == top.count) {
            --depth_;
            continue;
        }
        if (!top.is_array && !top.in_member) {
            text = pass_name(top);
            return step::key;
        }
        const JEntry entry = top.entries[top.is_array ? top.at : top.count + top.at];
        const uint32 begin = top.value_offset;
        JBE_ADVANCE_OFFSET(top.value_offset, entry);
        ++top.at;
        top.in_member = false;
        if (JBE_ISCONTAINER(entry)) {
            open(reinterpret_cast<const JsonbContainer*>(top.data + INTALIGN(begin)));
        } else if (JBE_ISSTRING(entry)) {
            text = {top.data + begin, top.value_offset - begin};
            return step::string;
        }
    }
    return step::done;
}

std::string_view jsonb_walk::holder() const {
    for (int i = depth_; i > 0; --i)
        if (!levels_[i - 1].is_array) return levels_[i - 1].name_text();
    return {};
}

const char* jsonb_walk::path(bool (*is_masked)(std::string_view name)) const {
    StringInfoData path;
    initStringInfo(&path);
    appendStringInfoChar(&path, '$');
    for (const level* at = levels_; at != levels_ + depth_; ++at) {
        if (at->is_scalar) continue;
        const std::string_view name = at->name_text();
        if (at->is_array) {
            appendStringInfo(&path, "[%u]", at->at - 1);
        } else if (is_masked(name)) {
            appendStringInfoString(&path, ".(masked)");
        } else if (is_plain_name(name)) {
            appendStringInfo(&path, ".%.*s", static_cast<int>(name.size()), name.data());
        } else {
            JsonbValue odd_name;
            odd_name.type = jbvString;
            odd_name.val.string = {.len = static_cast<int>(name.size()),
                                   .val = const_cast<char*>(name.data())};
            const char* quoted = JsonbToCString(nullptr, &JsonbValueToJsonb(&odd_name)->root, 0);
            appendStringInfo(&path, ".%s", quoted);
        }
    }
    return path.data;
}

}  // namespace attribution
