#include "extension/src/jsonb_walk.hpp"

namespace attribution {

namespace {

bool is_plain_name(std::string_view name) {
    return !name.empty() &&
           name.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") ==
               std::string_view::npos;
}

}  // namespace

jsonb_walk::jsonb_walk(const Jsonb* document)
    : iterator_(JsonbIteratorInit(const_cast<JsonbContainer*>(&document->root))),
      levels_(static_cast<level*>(palloc(sizeof(level) * static_cast<std::size_t>(capacity_)))) {}

void jsonb_walk::push(bool is_array, bool is_scalar) {
    if (depth_ == capacity_) {
        capacity_ *= 2;
        levels_ = static_cast<level*>(repalloc(levels_, sizeof(level) * static_cast<std::size_t>(capacity_)));
    }
    levels_[depth_++] = {is_array, is_scalar, -1, {}};
}

// An element begins: what stands directly in an array moves its position on.
void jsonb_walk::pass_element() {
    if (depth_ > 0 && levels_[depth_ - 1].is_array) ++levels_[depth_ - 1].position;
}

jsonb_walk::step jsonb_walk::next(std::string_view& text) {
    for (;;) {
        switch (JsonbIteratorNext(&iterator_, &value_, false)) {
            case WJB_DONE:
                return step::done;
            case WJB_BEGIN_ARRAY:
                pass_element();
                push(true, value_.val.array.rawScalar);
                break;
            case WJB_BEGIN_OBJECT:
                pass_element();
                push(false, false);
                break;
            case WJB_END_ARRAY:
            case WJB_END_OBJECT:
                --depth_;
                break;
            case WJB_KEY:
                text = {value_.val.string.val, static_cast<std::size_t>(value_.val.string.len)};
                levels_[depth_ - 1].name = text;
                return step::key;
            default:
                pass_element();
                if (value_.type != jbvString) return step::other;
                text = {value_.val.string.val, static_cast<std::size_t>(value_.val.string.len)};
                return step::string;
        }
    }
}

const char* jsonb_walk::path(bool (*is_masked)(std::string_view name)) const {
    StringInfoData path;
    initStringInfo(&path);
    appendStringInfoChar(&path, '$');
    for (const level* at = levels_; at != levels_ + depth_; ++at) {
        if (at->is_scalar) continue;
        if (at->is_array) {
            appendStringInfo(&path, "[%d]", at->position);
        } else if (is_masked(at->name)) {
            appendStringInfoString(&path, ".(masked)");
        } else if (is_plain_name(at->name)) {
            appendStringInfo(&path, ".%.*s", static_cast<int>(at->name.size()), at->name.data());
        } else {
            JsonbValue name;
            name.type = jbvString;
            name.val.string = {.len = static_cast<int>(at->name.size()),
                               .val = const_cast<char*>(at->name.data())};
            const char* quoted = JsonbToCString(nullptr, &JsonbValueToJsonb(&name)->root, 0);
            appendStringInfo(&path, ".%s", quoted);
        }
    }
    return path.data;
}

}  // namespace attribution
