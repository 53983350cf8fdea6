// find_pii() and redact_pii(): the rules of the guard, for people.

#include <string>
#include <vector>

#include "core/pii/keys.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/jsonb_walk.hpp"
#include "extension/src/pii_names.hpp"

extern "C" {
#include "funcapi.h"
}

namespace attribution::pii {

namespace {

// Static texts, so that they outlive the view.
Datum kind_text(kind what) {
    return make_text(name(what));
}

void list_findings(const Jsonb* document, const ReturnSetInfo* into) {
    jsonb_walk walk(document);
    std::string_view text;
    for (;;) {
        CHECK_FOR_INTERRUPTS();
        const jsonb_walk::step step = walk.next(text);
        if (step == jsonb_walk::step::done) return;
        const std::optional<kind> what =
            step == jsonb_walk::step::key ? judge_name(text) : find_in(walk.holder(), text);
        if (!what) continue;
        Datum values[2] = {CStringGetTextDatum(walk.path(is_masked_name)), kind_text(*what)};
        bool nulls[2] = {false, false};
        tuplestore_putvalues(into->setResult, into->setDesc, values, nulls);
    }
}

// The redacted text in memory of PostgreSQL.
JsonbValue redacted(std::string_view text, meaning as) {
    const std::string clean = redact(text, as);
    JsonbValue value;
    value.type = jbvString;
    value.val.string.len = static_cast<int>(clean.size());
    value.val.string.val = call([&] { return pnstrdup(clean.data(), clean.size()); });
    return value;
}

std::string_view text_of(JsonbIteratorToken token, const JsonbValue& value) {
    const bool is_scalar = token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM;
    if (!is_scalar || value.type != jbvString) return {};
    return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
}

// Copies the document: findings in strings are replaced, members named like personal data or by it are left
// out.
Jsonb* copy_redacted(const Jsonb* document) {
    JsonbParseState* state = nullptr;
    JsonbValue value;
    JsonbValue* made = nullptr;
    JsonbIterator* iterator =
        call([&] { return JsonbIteratorInit(const_cast<JsonbContainer*>(&document->root)); });
    std::vector<std::string_view> holders(1);  // the names of the members that are open
    bool skip_value = false;
    for (;;) {
        check_for_interrupts();
        // The value of a member that is left out is passed over as a whole.
        const JsonbIteratorToken token =
            call([&] { return JsonbIteratorNext(&iterator, &value, skip_value); });
        if (token == WJB_DONE) break;
        if (skip_value) {
            skip_value = false;
            continue;
        }
        const std::string_view text = text_of(token, value);
        if (token == WJB_BEGIN_OBJECT) holders.emplace_back();
        if (token == WJB_END_OBJECT) holders.pop_back();
        if (token == WJB_KEY) {
            skip_value = judge_name(text).has_value();
            if (skip_value) continue;
            holders.back() = text;
        } else if (find_in(holders.back(), text)) {
            value = redacted(text, is_id_name(holders.back()) ? meaning::id : meaning::free_text);
        }
        const bool carries_value = token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM ||
                                   (token == WJB_BEGIN_ARRAY && value.val.array.rawScalar);
        made = call([&] { return pushJsonbValue(&state, token, carries_value ? &value : nullptr); });
    }
    return call([&] { return JsonbValueToJsonb(made); });
}

}  // namespace

}  // namespace attribution::pii

ATTRIBUTION_FUNCTION(attribution_find_pii) {
    return attribution::guard([&] {
        return attribution::call([&]() -> Datum {
            InitMaterializedSRF(fcinfo, 0);
            attribution::pii::list_findings(PG_GETARG_JSONB_P(0),
                                            reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo));
            return Datum{0};
        });
    });
}

ATTRIBUTION_FUNCTION(attribution_redact_pii) {
    return attribution::guard([&]() -> Datum {
        const Jsonb* document = attribution::call([&] { return PG_GETARG_JSONB_P(0); });
        return PointerGetDatum(attribution::pii::copy_redacted(document));
    });
}
