// Walks a jsonb document and knows where it stands. Calls PostgreSQL and owns nothing: run it inside call().
#pragma once

#include <string_view>

#include "extension/src/compat.hpp"

extern "C" {
#include "lib/stringinfo.h"
#include "utils/jsonb.h"
}

namespace attribution {

class jsonb_walk {
  public:
    explicit jsonb_walk(const Jsonb* document);

    enum class step { done, key, string, other };

    // Goes to the next member name or scalar value. `text` is the name or string.
    step next(std::string_view& text);

    // Where the walk stands, as a JSON path: $.signals.campaign, $.lines[2]."odd name". A name for which
    // `is_masked` says so is written as (masked).
    [[nodiscard]] const char* path(bool (*is_masked)(std::string_view name)) const;

  private:
    // One open object or array.
    struct level {
        bool is_array;
        bool is_scalar;         // the array that jsonb puts around a document which is a scalar
        int position;           // of an array
        std::string_view name;  // of an object's current member
    };
    void push(bool is_array, bool is_scalar);
    void pass_element();

    JsonbIterator* iterator_;
    JsonbValue value_{};
    int depth_ = 0;
    int capacity_ = 16;
    level* levels_;
};

}  // namespace attribution
