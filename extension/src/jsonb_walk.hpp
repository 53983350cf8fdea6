// Walks a jsonb document and knows where it stands. Calls PostgreSQL and owns nothing: run it inside call().
#pragma once

#include <string_view>

#include "extension/src/compat.hpp"

extern "C" {
#include "lib/stringinfo.h"
#include "utils/jsonb.h"
}

namespace attribution {

// It reads the stored form itself: the guard looks at every document that is stored, and a JsonbIterator
// copies every value out of it first.
class jsonb_walk {
  public:
    explicit jsonb_walk(const Jsonb* document) { open(&document->root); }
    jsonb_walk(const jsonb_walk&) = delete;
    jsonb_walk& operator=(const jsonb_walk&) = delete;

    enum class step { done, key, string };

    // Goes to the next member name or string; other scalars are passed over. `text` is the name or string.
    step next(std::string_view& text);

    // The name of the member that holds the string, also through arrays; empty when none does.
    [[nodiscard]] std::string_view holder() const;

    // Where the walk stands, as a JSON path: $.signals.campaign, $.lines[2]."odd name". A name for which
    // `is_masked` says so is written as (masked).
    [[nodiscard]] const char* path(bool (*is_masked)(std::string_view name)) const;

  private:
    // One open object or array.
    struct level {
        const JEntry* entries;  // of an object first the names, then the values
        const char* data;
        uint32 count;
        uint32 at;            // how many elements, or members, have been passed
        uint32 name_offset;   // of the next name in data
        uint32 value_offset;  // of the next value in data
        bool is_array;
        bool is_scalar;  // the array that jsonb puts around a document which is a scalar
        bool in_member;  // its name has been passed, its value not yet
        uint32 name_size;
        const char* name;
        [[nodiscard]] std::string_view name_text() const { return {name, name_size}; }
    };
    void open(const JsonbContainer* container);
    std::string_view pass_name(level& top);

    static constexpr int usual_depth = 12;
    level first_[usual_depth];  // written before it is read, level by level
    level* levels_ = first_;
    int capacity_ = usual_depth;
    int depth_ = 0;
};

}  // namespace attribution
