// guard_pii(): the trigger that keeps personal data out of tables. BEFORE ROW, so that a refused value
// reaches neither heap nor WAL.

#include <string>

#include "core/errors.hpp"
#include "core/pii/detect.hpp"
#include "core/pii/keys.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/jsonb_walk.hpp"
#include "extension/src/pii_names.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace attribution::pii {

namespace {

enum class form : char { text, text_array, jsonb };

// A column that can hold free text, also by way of a domain.
struct guarded_column {
    int index;
    form holds;
    bool is_id;
};

// The columns of the table that the trigger stands on, found once for each statement.
struct guarded_columns {
    int count;
    guarded_column columns[FLEXIBLE_ARRAY_MEMBER];
};

struct finding {
    bool found = false;
    kind what{};
    const char* column = nullptr;
    const char* path = nullptr;
};

const char* describe(kind what) {
    switch (what) {
        case kind::email:
            return "an e-mail address";
        case kind::phone:
            return "a telephone number";
        case kind::card:
            return "a payment card number";
        case kind::iban:
            return "an IBAN";
        case kind::ip:
            return "an IP address";
        case kind::ssn:
            return "a social security number";
        case kind::personal_key:
            return "a member that is named like personal data";
    }
    return "personal data";
}

bool form_of(Oid column_type, form& into) {
    const Oid type = getBaseType(column_type);
    switch (type) {
        case TEXTOID:
        case VARCHAROID:
        case BPCHAROID:
            into = form::text;
            return true;
        case TEXTARRAYOID:
        case VARCHARARRAYOID:
        case BPCHARARRAYOID:
            into = form::text_array;
            return true;
        case JSONBOID:
            into = form::jsonb;
            return true;
        default:
            return false;
    }
}

const guarded_columns* choose_columns(FmgrInfo* function, TupleDesc table) {
    if (function->fn_extra != nullptr) return static_cast<const guarded_columns*>(function->fn_extra);
    auto* chosen = static_cast<guarded_columns*>(MemoryContextAlloc(
        function->fn_mcxt, offsetof(guarded_columns, columns) +
                               sizeof(guarded_column) * static_cast<std::size_t>(table->natts)));
    chosen->count = 0;
    for (int i = 0; i < table->natts; ++i) {
        const Form_pg_attribute column = TupleDescAttr(table, i);
        form holds{};
        if (!column->attisdropped && form_of(column->atttypid, holds))
            chosen->columns[chosen->count++] = {i, holds, is_id_name(NameStr(column->attname))};
    }
    return static_cast<const guarded_columns*>(function->fn_extra = chosen);
}

bool scan_document(const Jsonb* document, finding& into) {
    jsonb_walk walk(document);
    std::string_view text;
    for (;;) {
        const jsonb_walk::step step = walk.next(text);
        if (step == jsonb_walk::step::done) return false;
        const std::optional<kind> what =
            step == jsonb_walk::step::key ? judge_name(text) : find_in(walk.holder(), text);
        if (!what) continue;
        into.found = true;
        into.what = *what;
        into.path = walk.path(is_masked_name);
        return true;
    }
}

bool scan_text(Datum value, bool is_id, finding& into) {
    const text* packed = DatumGetTextPP(value);
    const std::optional<kind> what =
        find({VARDATA_ANY(packed), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))},
             is_id ? meaning::id : meaning::free_text);
    if (!what) return false;
    into.found = true;
    into.what = *what;
    return true;
}

bool scan_array(Datum value, bool is_id, finding& into) {
    ArrayType* array = DatumGetArrayTypeP(value);
    ArrayIterator elements = array_create_iterator(array, 0, nullptr);
    Datum element = 0;
    bool null = false;
    while (array_iterate(elements, &element, &null))
        if (!null && scan_text(element, is_id, into)) return true;
    return false;
}

bool scan_column(const guarded_column& column, Datum value, finding& into) {
    switch (column.holds) {
        case form::text:
            return scan_text(value, column.is_id, into);
        case form::text_array:
            return scan_array(value, column.is_id, into);
        case form::jsonb:
            return scan_document(DatumGetJsonbP(value), into);
    }
    return false;
}

finding scan_row(TupleTableSlot* row, TupleDesc table, const guarded_columns& guarded) {
    finding result;
    slot_getallattrs(row);
    for (const guarded_column* column = guarded.columns; column != guarded.columns + guarded.count;
         ++column) {
        if (row->tts_isnull[column->index]) continue;
        if (!scan_column(*column, row->tts_values[column->index], result)) continue;
        result.column = NameStr(TupleDescAttr(table, column->index)->attname);
        break;
    }
    return result;
}

[[noreturn]] void refuse(const finding& because) {
    std::string where = std::string("Column ") + because.column;
    if (because.path != nullptr) where += std::string(", JSON path ") + because.path + ",";
    throw error(
        pii_detected, "personal data detected", where + " holds " + describe(because.what) + ".",
        "Remove it before it is stored, for instance with attribution.redact_pii(); attribution.find_pii() "
        "lists all of them.");
}

Datum guard_row(const TriggerData& trigger, FmgrInfo* function) {
    const bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger.tg_event);
    const finding result = call([&] {
        const TupleDesc table = RelationGetDescr(trigger.tg_relation);
        return scan_row(is_update ? trigger.tg_newslot : trigger.tg_trigslot, table,
                        *choose_columns(function, table));
    });
    if (result.found) refuse(result);
    return PointerGetDatum(is_update ? trigger.tg_newtuple : trigger.tg_trigtuple);
}

}  // namespace

}  // namespace attribution::pii

ATTRIBUTION_FUNCTION(attribution_guard_pii) {
    return attribution::guard([&]() -> Datum {
        if (!CALLED_AS_TRIGGER(fcinfo) ||
            !TRIGGER_FIRED_BEFORE(reinterpret_cast<TriggerData*>(fcinfo->context)->tg_event) ||
            !TRIGGER_FIRED_FOR_ROW(reinterpret_cast<TriggerData*>(fcinfo->context)->tg_event)) {
            attribution::call([] {
                ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                                errmsg("guard_pii() was not called as a BEFORE ROW trigger")));
            });
        }
        return attribution::pii::guard_row(*reinterpret_cast<TriggerData*>(fcinfo->context), fcinfo->flinfo);
    });
}
