// guard_pii(): the trigger that keeps personal data out of tables. BEFORE ROW, so that a refused value
// reaches neither heap nor WAL.

#include <string>

#include "core/errors.hpp"
#include "core/pii/keys.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/jsonb_walk.hpp"
#include "extension/src/pii_guard.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace attribution::pii {

namespace {

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
        default:
            return "a member that is named like personal data";
    }
}

bool scan_document(const Jsonb* document, finding& into) {
    jsonb_walk walk(document);
    std::string_view text;
    for (;;) {
        const jsonb_walk::step step = walk.next(text);
        if (step == jsonb_walk::step::done) return false;
        if (step == jsonb_walk::step::other) continue;
        const std::optional<kind> what = step == jsonb_walk::step::key ? judge_name(text) : find(text);
        if (!what) continue;
        into.found = true;
        into.what = *what;
        into.path = walk.path(is_masked_name);
        return true;
    }
}

bool scan_text(Datum value, finding& into) {
    const text* packed = DatumGetTextPP(value);
    const std::optional<kind> what =
        find({VARDATA_ANY(packed), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))});
    if (!what) return false;
    into.found = true;
    into.what = *what;
    return true;
}

bool is_text(Oid type) {
    return type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

// Every column that can hold free text, also by way of a domain.
finding scan_row(HeapTuple row, TupleDesc columns) {
    finding result;
    for (int i = 0; i < columns->natts; ++i) {
        const Form_pg_attribute column = TupleDescAttr(columns, i);
        if (column->attisdropped) continue;
        const Oid type = getBaseType(column->atttypid);
        if (type != JSONBOID && !is_text(type)) continue;
        bool null = false;
        const Datum value = heap_getattr(row, i + 1, columns, &null);
        if (null) continue;
        result.column = NameStr(column->attname);
        if (type == JSONBOID ? scan_document(DatumGetJsonbP(value), result) : scan_text(value, result)) break;
    }
    return result;
}

Datum guard_row(const TriggerData& trigger) {
    const HeapTuple row =
        TRIGGER_FIRED_BY_UPDATE(trigger.tg_event) ? trigger.tg_newtuple : trigger.tg_trigtuple;
    const finding result = call([&] { return scan_row(row, RelationGetDescr(trigger.tg_relation)); });
    if (!result.found) return PointerGetDatum(row);
    std::string where = std::string("Column ") + result.column;
    if (result.path != nullptr) where += std::string(", JSON path ") + result.path + ",";
    throw error(
        pii_detected, "personal data detected", where + " holds " + describe(result.what) + ".",
        "Remove it before it is stored, for instance with attribution.redact_pii(); attribution.find_pii() "
        "lists all of them.");
}

}  // namespace

std::optional<kind> judge_name(std::string_view name) {
    if (is_personal_key(name)) return kind::personal_key;
    return find(name);
}

bool is_masked_name(std::string_view name) {
    return find(name).has_value();
}

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
        return attribution::pii::guard_row(*reinterpret_cast<TriggerData*>(fcinfo->context));
    });
}
