// Composite values of the row types of attribution_internal (event_row, state_row, …), with which one
// statement takes all rows of a call. Calls PostgreSQL and owns nothing: run it inside call().
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "extension/src/ingest_event.hpp"

extern "C" {
#include "access/tupdesc.h"
}

namespace attribution::ingest {

// Collects rows of one composite type into an array Datum.
class row_array {
  public:
    // Raises an error when there is no such type in schema attribution_internal.
    row_array(const char* type_name, int capacity);

    row_array& text(std::string_view value);  // NULL when empty
    row_array& text(const char* value);       // NULL when null
    row_array& bytes(const digest_bytes& value);
    row_array& uuid(const pg_uuid_t& value);  // refers to it until end_row()
    row_array& uuid(const optional_uuid& value);
    row_array& boolean(bool value) { return put(BoolGetDatum(value)); }
    row_array& small(int value) { return put(Int16GetDatum(static_cast<int16>(value))); }
    row_array& integer(int value) { return put(Int32GetDatum(value)); }
    row_array& big(const std::optional<std::int64_t>& value);
    row_array& currency(std::string_view value);  // char(3)
    row_array& document(Jsonb* value);            // NULL when null
    void end_row();

    [[nodiscard]] Oid row_type() const { return type_; }
    [[nodiscard]] Oid array_type() const { return array_type_; }
    // The array, or the only row (0 when there is none); the collector is used up.
    [[nodiscard]] Datum finish();
    [[nodiscard]] Datum finish_row();

  private:
    static constexpr int max_columns = 17;
    row_array& put(Datum value, bool null = false);

    Oid type_;
    Oid array_type_;
    TupleDesc descriptor_;
    Datum* rows_;
    int count_ = 0;
    int column_ = 0;
    Datum values_[max_columns];
    bool nulls_[max_columns];
};

// What is stored as payload: the given one, with the signals as its member "signals".
[[nodiscard]] Jsonb* stored_payload(const occurrence& from);

}  // namespace attribution::ingest
