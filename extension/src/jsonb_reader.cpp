#include "extension/src/jsonb_reader.hpp"

#include <charconv>
#include <cstring>
#include <optional>

#include "core/pii/detect.hpp"
#include "extension/src/ingest_time.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace attribution {

namespace {

constexpr std::size_t max_identifier = 200;
constexpr std::size_t max_short_text = 2000;
constexpr std::size_t max_fields = 16;

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Names of members come from outside: only what looks like a name is repeated in an error.
const char* printable_name(std::string_view name) {
    const bool plain =
        !name.empty() && name.size() <= 64 && is_alphanumeric(name.front()) &&
        name.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-") ==
            std::string_view::npos &&
        !pii::find(name);
    return plain ? psprintf("\"%.*s\"", static_cast<int>(name.size()), name.data()) : "(masked)";
}

const char* printable_place(jsonb_place place) {
    return place.position < 0 ? place.name : psprintf("%s[%d]", place.name, place.position);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// Lower-case hex digits into bytes.
bool read_hex(std::string_view text, std::uint8_t* bytes) {
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return false;
        *bytes++ = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

}  // namespace

std::string_view jsonb_text(const JsonbValue& value) {
    if (value.type != jbvString) return {};
    return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
}

bool is_jsonb_object(const JsonbValue& value) {
    return value.type == jbvBinary && JsonContainerIsObject(value.val.binary.data);
}

bool is_jsonb_array(const JsonbValue& value) {
    return value.type == jbvBinary && JsonContainerIsArray(value.val.binary.data) &&
           !JsonContainerIsScalar(value.val.binary.data);
}

JsonbValue jsonb_root(Jsonb* document) {
    JsonbValue root;
    root.type = jbvBinary;
    root.val.binary.data = &document->root;
    root.val.binary.len = static_cast<int>(VARSIZE(document)) - VARHDRSZ;
    return root;
}

int jsonb_array_size(const JsonbValue& array) {
    return static_cast<int>(JsonContainerSize(array.val.binary.data));
}

const JsonbValue& jsonb_element(const JsonbValue& array, int position) {
    return *getIthJsonbValueFromContainer(array.val.binary.data, static_cast<uint32>(position));
}

void refuse_member(jsonb_refusal& refusal, jsonb_place place, std::string_view member, const char* reason) {
    refusal.sqlstate = "RA007";
    refusal.detail = psprintf("Member %s of %s %s.", printable_name(member), printable_place(place), reason);
}

bool read_jsonb_object(const JsonbValue& object, jsonb_place place, std::span<const jsonb_field> fields,
                       jsonb_refusal& refusal) {
    if (!is_jsonb_object(object)) {
        refusal = {"RA007", psprintf("The %s must be an object.", printable_place(place))};
        return false;
    }
    std::array<bool, max_fields> seen{};
    JsonbIterator* iterator = JsonbIteratorInit(object.val.binary.data);
    JsonbValue value;
    const jsonb_field* field = nullptr;
    for (;;) {
        const JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
        if (token == WJB_DONE) break;
        if (token == WJB_KEY) {
            const std::string_view name = jsonb_text(value);
            field = nullptr;
            for (const jsonb_field& candidate : fields) {
                if (candidate.name == name) field = &candidate;
            }
            if (field == nullptr) {
                refuse_member(refusal, place, name, "is unknown");
                return false;
            }
        } else if (token == WJB_VALUE && field != nullptr && (value.type != jbvNull || field->required)) {
            if (const char* reason = field->read(value, field->target)) {
                refuse_member(refusal, place, field->name, reason);
                return false;
            }
            seen[static_cast<std::size_t>(field - fields.data())] = true;
        }
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].required && !seen[i]) {
            refuse_member(refusal, place, fields[i].name, "is missing");
            return false;
        }
    }
    return true;
}

const char* read_boolean(const JsonbValue& value, void* target) {
    if (value.type != jbvBool) return "must be true or false";
    *static_cast<bool*>(target) = value.val.boolean;
    return nullptr;
}

// Through the text of the number: the casts of numeric round, and raise where a refusal is wanted.
const char* read_integer(const JsonbValue& value, void* target) {
    constexpr const char* reason = "must be an integer of 64 bits";
    if (value.type != jbvNumeric) return reason;
    const char* text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
    const char* end = text + std::strlen(text);
    std::int64_t integer = 0;
    const auto [stop, error] = std::from_chars(text, end, integer);
    if (error != std::errc{} || stop != end) return reason;
    *static_cast<std::optional<std::int64_t>*>(target) = integer;
    return nullptr;
}

const char* read_identifier(const JsonbValue& value, void* target) {
    constexpr const char* reason =
        "must be 1 to 200 characters of A-Z a-z 0-9 . _ : / # - and begin with a letter or digit";
    const std::string_view text = jsonb_text(value);
    if (value.type != jbvString || text.empty() || text.size() > max_identifier ||
        !is_alphanumeric(text.front())) {
        return reason;
    }
    for (const char c : text) {
        if (!is_alphanumeric(c) && std::strchr("._:/#-", c) == nullptr) return reason;
    }
    // Found here it makes one dead letter; found by the guard of a table it would end the whole call.
    if (pii::find(text, pii::meaning::id)) return "must not look like a telephone number or an IP address";
    *static_cast<std::string_view*>(target) = text;
    return nullptr;
}

const char* read_short_text(const JsonbValue& value, void* target) {
    if (value.type != jbvString) return "must be a string";
    const std::string_view text = jsonb_text(value);
    if (text.size() > max_short_text) return "must be at most 2000 bytes long";
    *static_cast<std::string_view*>(target) = text;
    return nullptr;
}

const char* read_digest(const JsonbValue& value, void* target) {
    std::array<std::uint8_t, 32> digest;
    const std::string_view text = jsonb_text(value);
    if (text.size() != 2 * digest.size() || !read_hex(text, digest.data()))
        return "must be 64 lower-case hex digits";
    *static_cast<std::array<std::uint8_t, 32>*>(target) = digest;
    return nullptr;
}

const char* read_uuid(const JsonbValue& value, void* target) {
    constexpr const char* reason = "must be a UUID in lower case with hyphens";
    const std::string_view text = jsonb_text(value);
    if (text.size() != 36) return reason;
    auto& uuid = *static_cast<optional_uuid*>(target);
    std::uint8_t* bytes = uuid.value.data;
    for (const auto& [offset, length] : {std::pair{0, 8}, {9, 4}, {14, 4}, {19, 4}, {24, 12}}) {
        if (offset != 0 && text[static_cast<std::size_t>(offset) - 1] != '-') return reason;
        if (!read_hex(text.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)),
                      bytes)) {
            return reason;
        }
        bytes += length / 2;
    }
    uuid.present = true;
    return nullptr;
}

const char* read_timestamp(const JsonbValue& value, void* target) {
    const std::optional<std::int64_t> instant = ingest::parse_rfc3339(jsonb_text(value));
    if (!instant) return "must be an RFC 3339 time with a zone";
    *static_cast<std::int64_t*>(target) = *instant;
    return nullptr;
}

const char* read_object(const JsonbValue& value, void* target) {
    if (!is_jsonb_object(value)) return "must be an object";
    auto* copy = static_cast<JsonbValue*>(palloc(sizeof(JsonbValue)));
    *copy = value;
    *static_cast<const JsonbValue**>(target) = copy;
    return nullptr;
}

const char* read_array(const JsonbValue& value, void* target) {
    if (!is_jsonb_array(value)) return "must be an array";
    auto* copy = static_cast<JsonbValue*>(palloc(sizeof(JsonbValue)));
    *copy = value;
    *static_cast<const JsonbValue**>(target) = copy;
    return nullptr;
}

}  // namespace attribution
