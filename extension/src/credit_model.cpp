#include "extension/src/credit_model.hpp"

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/jsonb_reader.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace attribution::credit {

namespace {

const char* read_number(const JsonbValue& value, void* target) {
    if (value.type != jbvNumeric) return "must be a number";
    *static_cast<double*>(target) =
        DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value.val.numeric)));
    return nullptr;
}

const char* read_counted(const JsonbValue& value, void* target) {
    const auto found = find_counted(jsonb_text(value));
    if (!found) return "must be all, not_direct or paid";
    *static_cast<counted*>(target) = *found;
    return nullptr;
}

// Days, also fractions of them; far more than any journey lasts is as much as the most.
const char* read_days(const JsonbValue& value, void* target) {
    constexpr double longest = 1e6;
    double days = 0;
    if (const char* refused = read_number(value, &days)) return refused;
    *static_cast<microseconds*>(target) =
        static_cast<microseconds>(std::clamp(days, -longest, longest) * static_cast<double>(day));
    return nullptr;
}

const char* read_lookback(const JsonbValue& value, void* target) {
    return read_days(value, &static_cast<std::optional<microseconds>*>(target)->emplace());
}

const char* read_per(const JsonbValue& value, void* target) {
    const std::string_view per = jsonb_text(value);
    if (per != "channel" && per != "campaign") return "must be channel or campaign";
    *static_cast<bool*>(target) = per == "campaign";
    return nullptr;
}

}  // namespace

model read_model(std::string_view rule_name, const JsonbValue& parameters) {
    const auto by = find_rule(rule_name);
    if (!by) {
        throw error(
            "22023", "there is no such model", "The model is none of the rules.",
            "Models: first_touch, last_touch, last_non_direct, linear, position_based, w_shaped, time_decay, "
            "custom.");
    }
    model m = default_model(*by);
    jsonb_refusal refusal;
    const bool is_read = call([&] {
        const std::array<jsonb_field, 8> fields{{
            {"first", false, read_number, &m.first},
            {"middle", false, read_number, &m.middle},
            {"last", false, read_number, &m.last},
            {"half_life_days", false, read_days, &m.half_life},
            {"lookback_days", false, read_lookback, &m.lookback},
            {"count", false, read_counted, &m.counts},
            {"collapse_repeats", false, read_boolean, &m.collapse_repeats},
            {"per", false, read_per, &m.per_campaign},
        }};
        return read_jsonb_object(parameters, {"params"}, fields, refusal);
    });
    if (!is_read) {
        throw error("22023", "the model is not usable", refusal.detail,
                    "Members of params: first, middle, last, half_life_days, lookback_days, count, "
                    "collapse_repeats, per.");
    }
    check(m);
    return m;
}

}  // namespace attribution::credit
