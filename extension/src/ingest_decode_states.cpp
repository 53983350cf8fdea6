// The states of an event, from jsonb.

#include "core/money/money.hpp"
#include "extension/src/ingest_decode.hpp"

namespace attribution::ingest {

namespace {

constexpr int max_states = 1000;
// Sixteen digits: more than any order is worth, and small enough that neither a difference nor the sum of
// nine hundred such amounts overflows. One absurd order must not make a tenant's reports fail.
constexpr std::int64_t max_amount = 9'999'999'999'999'999;

const char* read_kind(const JsonbValue& value, void* target) {
    for (const char* kind : {"capture", "refund", "chargeback", "chargeback_reversal", "adjustment"}) {
        if (jsonb_text(value) == kind) {
            *static_cast<const char**>(target) = kind;
            return nullptr;
        }
    }
    return "must be capture, refund, chargeback, chargeback_reversal or adjustment";
}

const char* read_currency(const JsonbValue& value, void* target) {
    const std::string_view code = jsonb_text(value);
    if (code.size() != 3 || code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string_view::npos) {
        return "must be a currency code of three capital letters";
    }
    *static_cast<std::string_view*>(target) = code;
    return nullptr;
}

const char* read_role(const JsonbValue& value, void* target) {
    const std::string_view text = jsonb_text(value);
    if (text != "part" && text != "total") return "must be part or total";
    *static_cast<money_role*>(target) = text == "part" ? money_role::part : money_role::total;
    return nullptr;
}

// Parts and totals add up amounts that only grow or are taken back; a part belongs to another money's total.
bool check_family(const money_state& state, jsonb_place place, jsonb_refusal& refusal) {
    if (state.role == money_role::alone) return true;
    if (std::string_view(state.kind) == "adjustment") {
        refuse_member(refusal, place, "role", "must not stand at an adjustment");
    } else if (state.gross_minor.value_or(0) < 0) {
        refuse_member(refusal, place, "gross_minor", "must not be negative");
    } else if (state.role == money_role::part && (state.parent.empty() || state.parent == state.money_key)) {
        refuse_member(refusal, place, "parent", "must name the total of a part");
    }
    return !refusal;
}

bool check_state(const money_state& state, jsonb_place place, jsonb_refusal& refusal) {
    const bool adjusts = std::string_view(state.kind) == "adjustment";
    if (!check_family(state, place, refusal)) return false;
    const std::int64_t amount = *state.cumulative_minor;
    if (!money::currency::is_known(state.currency)) {
        refusal = {"RA006",
                   psprintf("The currency of %s[%d] is not one of ISO 4217.", place.name, place.position)};
        return false;
    }
    if (!adjusts && amount < 0) {
        refusal = {"RA005",
                   psprintf("Member \"cumulative_minor\" of %s[%d] is negative; only adjustments may be.",
                            place.name, place.position)};
        return false;
    }
    for (const auto& [name, part] : {std::pair{"cumulative_minor", state.cumulative_minor},
                                     {"gross_minor", state.gross_minor},
                                     {"tax_minor", state.tax_minor},
                                     {"shipping_minor", state.shipping_minor}}) {
        if (!part || (*part <= max_amount && *part >= -max_amount)) continue;
        refusal = {"RA005",
                   psprintf("Member \"%s\" of %s[%d] exceeds what an amount may be (9999999999999999).", name,
                            place.name, place.position)};
        return false;
    }
    return true;
}

bool decode_state(const JsonbValue& object, jsonb_place place, money_state& into, jsonb_refusal& refusal) {
    const std::array<jsonb_field, 11> fields{{
        {"money_key", true, read_identifier, &into.money_key},
        {"kind", true, read_kind, &into.kind},
        {"cumulative_minor", true, read_integer, &into.cumulative_minor},
        {"currency", true, read_currency, &into.currency},
        {"version_at", true, read_timestamp, &into.version_at},
        {"occurred_at", true, read_timestamp, &into.occurred_at},
        {"parent", false, read_identifier, &into.parent},
        {"role", false, read_role, &into.role},
        {"gross_minor", false, read_integer, &into.gross_minor},
        {"tax_minor", false, read_integer, &into.tax_minor},
        {"shipping_minor", false, read_integer, &into.shipping_minor},
    }};
    return read_jsonb_object(object, place, fields, refusal) && check_state(into, place, refusal);
}

// Every state of one delivery speaks of money of its own: twice the same key and kind has no meaning.
bool refuse_repeated_states(std::span<const money_state> states, jsonb_refusal& refusal) {
    for (std::size_t i = 1; i < states.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (states[i].money_key == states[j].money_key && states[i].kind == states[j].kind) {
                refuse_member(refusal, {"states", static_cast<int>(i)}, "money_key",
                              "stands twice in this event with the same kind");
                return false;
            }
        }
    }
    return true;
}

// A total and its parts are told apart, but add up: in one currency.
bool refuse_mixed_families(std::span<const money_state> states, jsonb_refusal& refusal) {
    for (std::size_t i = 0; i < states.size(); ++i) {
        const money_state& part = states[i];
        if (part.role != money_role::part) continue;
        for (const money_state& other : states) {
            const std::string_view total = other.role == money_role::part ? other.parent : other.money_key;
            if (total != part.parent || other.kind != part.kind || other.currency == part.currency) continue;
            refuse_member(refusal, {"states", static_cast<int>(i)}, "currency",
                          "must be that of its total and of the other parts");
            return false;
        }
    }
    return true;
}

// A part names its total even when that was not told: a transaction that books a part must hold the total
// too.
void add_totals_of_parts(int told, event& into) {
    auto next = static_cast<std::size_t>(told);
    for (std::size_t i = 0; i < static_cast<std::size_t>(told); ++i) {
        const money_state& part = into.states[i];
        if (part.role != money_role::part) continue;
        money_state& total = into.states[next++];
        total.role = money_role::total;
        total.money_key = part.parent;
        total.kind = part.kind;
        total.currency = part.currency;
        total.cumulative_minor = 0;
        total.version_at = never_told;
    }
    into.states = into.states.first(next);
}

}  // namespace

bool decode_states(const JsonbValue* array, event& into) {
    if (array == nullptr) return true;
    const int count = jsonb_array_size(*array);
    if (count > max_states) {
        refuse_member(into.refusal, {"event"}, "states", "has more than 1000 elements");
        return false;
    }
    into.states = new_array<money_state>(2 * count);
    for (int i = 0; i < count; ++i) {
        if (!decode_state(jsonb_element(*array, i), {"states", i}, into.states[static_cast<std::size_t>(i)],
                          into.refusal)) {
            return false;
        }
    }
    const auto told = into.states.first(static_cast<std::size_t>(count));
    if (!refuse_repeated_states(told, into.refusal) || !refuse_mixed_families(told, into.refusal))
        return false;
    add_totals_of_parts(count, into);
    return true;
}

}  // namespace attribution::ingest
