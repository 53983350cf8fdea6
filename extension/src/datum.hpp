// Values of PostgreSQL as C++ sees them, and back. What takes or makes a Datum calls PostgreSQL and owns
// nothing: run it inside call().
#pragma once

#include <cstring>
#include <span>
#include <string_view>

#include "extension/src/compat.hpp"

extern "C" {
#include "utils/array.h"
#include "utils/lsyscache.h"
}

namespace attribution {

// Of a text or bytea.
[[nodiscard]] inline std::string_view read_text(Datum value) {
    const text* packed = DatumGetTextPP(value);
    return {VARDATA_ANY(packed), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))};
}

[[nodiscard]] inline Datum make_text(std::string_view value) {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
}

// The elements of an array of any type, none of them NULL.
[[nodiscard]] inline std::span<const Datum> read_array(Datum value) {
    ArrayType* array = DatumGetArrayTypeP(value);
    int16 length = 0;
    bool by_value = false;
    char align = 0;
    get_typlenbyvalalign(ARR_ELEMTYPE(array), &length, &by_value, &align);
    Datum* elements = nullptr;
    int count = 0;
    deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, align, &elements, nullptr, &count);
    return {elements, static_cast<std::size_t>(count)};
}

// As PostgreSQL orders UUIDs.
[[nodiscard]] inline int compare_ids(const pg_uuid_t& a, const pg_uuid_t& b) {
    return std::memcmp(a.data, b.data, UUID_LEN);
}

[[nodiscard]] inline bool is_same(const pg_uuid_t& a, const pg_uuid_t& b) {
    return compare_ids(a, b) == 0;
}

}  // namespace attribution
