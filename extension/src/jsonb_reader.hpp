// Reads a jsonb object strictly against a list of its fields, straight from the binary form. Everything here
// calls PostgreSQL and owns nothing with a destructor: run it inside call().
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "extension/src/compat.hpp"

extern "C" {
#include "utils/jsonb.h"
}

namespace attribution {

// Why a document was refused. Names members, never values; the text lives in the current memory context.
struct jsonb_refusal {
    const char* sqlstate = nullptr;
    const char* detail = nullptr;

    [[nodiscard]] explicit operator bool() const { return sqlstate != nullptr; }
};

// Where an object stands in the document: "delivery", or "states" with a position.
struct jsonb_place {
    const char* name;
    int position = -1;
};

struct jsonb_field {
    // Reads the value into the target, or says what is wrong with it ("must be …").
    using reader = const char* (*)(const JsonbValue& value, void* target);

    std::string_view name;
    bool required;
    reader read;
    void* target;
};

// Reads every member of `object`; an unknown member, a missing required one, or a value that its reader
// refuses ends it with a refusal. A null stands for an absent optional member.
[[nodiscard]] bool read_jsonb_object(const JsonbValue& object, jsonb_place place,
                                     std::span<const jsonb_field> fields, jsonb_refusal& refusal);

// A refusal with SQLSTATE RA007 that says `reason` of a member.
void refuse_member(jsonb_refusal& refusal, jsonb_place place, std::string_view member, const char* reason);

// The text of a jsonb string; empty for other types.
[[nodiscard]] std::string_view jsonb_text(const JsonbValue& value);

[[nodiscard]] bool is_jsonb_object(const JsonbValue& value);
[[nodiscard]] bool is_jsonb_array(const JsonbValue& value);

// A value of a document, as a document of its own would be opened.
[[nodiscard]] JsonbValue jsonb_root(Jsonb* document);

// The number of elements of a jsonb array, and one of them.
[[nodiscard]] int jsonb_array_size(const JsonbValue& array);
[[nodiscard]] const JsonbValue& jsonb_element(const JsonbValue& array, int position);

// The readers that events need; each target type is named.
const char* read_boolean(const JsonbValue& value, void* target);     // bool
const char* read_integer(const JsonbValue& value, void* target);     // std::optional<std::int64_t>
const char* read_identifier(const JsonbValue& value, void* target);  // std::string_view, key text
const char* read_short_text(const JsonbValue& value,
                            void* target);                          // std::string_view of at most 2,000 bytes
const char* read_digest(const JsonbValue& value, void* target);     // std::array<std::uint8_t, 32>
const char* read_uuid(const JsonbValue& value, void* target);       // optional_uuid
const char* read_timestamp(const JsonbValue& value, void* target);  // TimestampTz (std::int64_t)
const char* read_object(const JsonbValue& value, void* target);     // const JsonbValue*
const char* read_array(const JsonbValue& value, void* target);      // const JsonbValue*

// A UUID that may be absent.
struct optional_uuid {
    bool present = false;
    pg_uuid_t value{};
};

}  // namespace attribution
