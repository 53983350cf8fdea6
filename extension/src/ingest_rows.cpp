#include "extension/src/ingest_rows.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace attribution::ingest {

namespace {

Oid find_type(const char* name) {
    const Oid schema = get_namespace_oid("attribution_internal", false);
    const Oid type =
        GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name), ObjectIdGetDatum(schema));
    if (!OidIsValid(type)) {
        ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                        errmsg("type attribution_internal.%s does not exist", name),
                        errhint("Update the extension: ALTER EXTENSION pg_attribution UPDATE;")));
    }
    return type;
}

Datum copy_bytes(const void* data, std::size_t size) {
    auto* copy = static_cast<bytea*>(palloc(VARHDRSZ + size));
    SET_VARSIZE(copy, VARHDRSZ + size);
    memcpy(VARDATA(copy), data, size);
    return PointerGetDatum(copy);
}

}  // namespace

row_array::row_array(const char* type_name, int capacity)
    : type_(find_type(type_name)),
      array_type_(get_array_type(type_)),
      descriptor_(lookup_rowtype_tupdesc(type_, -1)),
      rows_(static_cast<Datum*>(
          palloc(sizeof(Datum) * static_cast<std::size_t>(capacity > 0 ? capacity : 1)))) {
    if (descriptor_->natts > max_columns) elog(ERROR, "type %s has too many columns", type_name);
}

row_array& row_array::put(Datum value, bool null) {
    if (column_ >= descriptor_->natts) elog(ERROR, "too many values for a row of type %u", type_);
    values_[column_] = value;
    nulls_[column_++] = null;
    return *this;
}

row_array& row_array::text(std::string_view value) {
    return value.empty() ? put(0, true) : put(copy_bytes(value.data(), value.size()));
}

row_array& row_array::text(const char* value) {
    return value == nullptr ? put(0, true) : put(PointerGetDatum(cstring_to_text(value)));
}

row_array& row_array::bytes(const digest_bytes& value) {
    return put(copy_bytes(value.data(), value.size()));
}

row_array& row_array::uuid(const pg_uuid_t& value) {
    return put(UUIDPGetDatum(&value));
}

row_array& row_array::uuid(const optional_uuid& value) {
    return put(UUIDPGetDatum(&value.value), !value.present);
}

row_array& row_array::big(const std::optional<std::int64_t>& value) {
    return put(Int64GetDatum(value.value_or(0)), !value);
}

row_array& row_array::currency(std::string_view value) {
    return put(copy_bytes(value.data(), value.size()));
}

row_array& row_array::document(Jsonb* value) {
    return put(PointerGetDatum(value), value == nullptr);
}

void row_array::end_row() {
    if (column_ != descriptor_->natts) elog(ERROR, "too few values for a row of type %u", type_);
    const HeapTuple tuple = heap_form_tuple(descriptor_, values_, nulls_);
    rows_[count_++] = HeapTupleGetDatum(tuple);
    column_ = 0;
}

Datum row_array::finish() {
    ReleaseTupleDesc(descriptor_);
    return PointerGetDatum(construct_array(rows_, count_, type_, -1, false, TYPALIGN_DOUBLE));
}

Datum row_array::finish_row() {
    ReleaseTupleDesc(descriptor_);
    return count_ == 0 ? Datum{0} : rows_[0];
}

Jsonb* stored_payload(const occurrence& from) {
    if (from.signals.document == nullptr && from.payload != nullptr) {
        JsonbValue copy = *from.payload;
        return JsonbValueToJsonb(&copy);
    }
    JsonbParseState* state = nullptr;
    pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
    JsonbValue value;
    if (from.payload != nullptr) {
        JsonbIterator* iterator = JsonbIteratorInit(from.payload->val.binary.data);
        for (;;) {
            const JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
            if (token == WJB_DONE) break;
            if (token == WJB_KEY || token == WJB_VALUE) pushJsonbValue(&state, token, &value);
        }
    }
    if (from.signals.document != nullptr) {
        char name[] = "signals";
        value.type = jbvString;
        value.val.string = {.len = 7, .val = name};
        pushJsonbValue(&state, WJB_KEY, &value);
        value = *from.signals.document;
        pushJsonbValue(&state, WJB_VALUE, &value);
    }
    return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
}

}  // namespace attribution::ingest
