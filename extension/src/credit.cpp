// split_amount() and touch_credit(): arrays to core/credit and back.

#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "core/credit/rules.hpp"
#include "core/credit/split.hpp"
#include "core/errors.hpp"
#include "extension/src/credit_model.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/jsonb_reader.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
}

namespace attribution::credit {

namespace {

struct element_type {
    Oid type;
    int length;
    bool by_value;
    char align;
};
constexpr element_type float8_element{FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE};
constexpr element_type int8_element{INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE};
constexpr element_type time_element{TIMESTAMPTZOID, sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE};
constexpr element_type boolean_element{BOOLOID, sizeof(bool), true, TYPALIGN_CHAR};
constexpr element_type text_element{TEXTOID, -1, false, TYPALIGN_INT};

// The elements of an array argument, none of them NULL.
std::span<const Datum> read_array(FunctionCallInfo fcinfo, int argument, const element_type& of) {
    const auto [elements, has_null] = call([&] {
        Datum* values = nullptr;
        bool* nulls = nullptr;
        int count = 0;
        deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), of.type, of.length, of.by_value, of.align, &values,
                          &nulls, &count);
        return std::pair{std::span<const Datum>{values, static_cast<std::size_t>(count)},
                         std::any_of(nulls, nulls + count, [](bool is_null) { return is_null; })};
    });
    if (has_null) {
        throw error("22004", "an element is NULL", "Arrays of weights, times and channels have no NULL.",
                    "Leave the element out, or give a weight of 0.");
    }
    return elements;
}

template <class Value, class ToDatum>
Datum make_array(const std::vector<Value>& values, const element_type& of, ToDatum to_datum) {
    return call([&] {
        auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * (values.size() + 1)));
        std::transform(values.begin(), values.end(), elements, to_datum);
        return PointerGetDatum(construct_array(elements, static_cast<int>(values.size()), of.type, of.length,
                                               of.by_value, of.align));
    });
}

Datum split(FunctionCallInfo fcinfo) {
    std::vector<double> weights;
    for (const Datum weight : read_array(fcinfo, 1, float8_element))
        weights.push_back(DatumGetFloat8(weight));
    return make_array(split_amount(PG_GETARG_INT64(0), weights), int8_element,
                      [](std::int64_t part) { return Int64GetDatum(part); });
}

// Arguments: model, touched_at, converted_at, params, channels, paid.
std::vector<touch> read_touches(FunctionCallInfo fcinfo) {
    const auto times = read_array(fcinfo, 1, time_element);
    const auto channels = read_array(fcinfo, 4, text_element);
    const auto paid = read_array(fcinfo, 5, boolean_element);
    if (!channels.empty() && channels.size() != times.size()) {
        throw error("22023", "touches and channels do not match",
                    "channels must have as many elements as touched_at, or be left out.",
                    "Name the channel of each touch.");
    }
    std::map<std::string_view, std::uint32_t> groups;
    std::vector<touch> touches;
    touches.reserve(times.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
        touch one;
        one.at = DatumGetTimestampTz(times[i]);
        if (!channels.empty()) {
            const std::string_view channel = read_text(channels[i]);
            one.group = groups.emplace(channel, groups.size()).first->second;
            one.is_direct = channel == direct_channel;
            one.is_paid = DatumGetBool(paid[i]);
        }
        touches.push_back(one);
    }
    return touches;
}

Datum touch_credit_of(FunctionCallInfo fcinfo) {
    const auto [name, parameters] = call([&] {
        return std::pair{read_text(PG_GETARG_DATUM(0)), jsonb_root(PG_GETARG_JSONB_P(3))};
    });
    const model m = read_model(name, parameters);
    const std::vector<touch> touches = read_touches(fcinfo);
    return make_array(touch_credit(m, touches, PG_GETARG_TIMESTAMPTZ(2)), float8_element,
                      [](double credit) { return Float8GetDatum(credit); });
}

}  // namespace

}  // namespace attribution::credit

ATTRIBUTION_FUNCTION(attribution_split_amount) {
    return attribution::guard([&] { return attribution::credit::split(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_touch_credit) {
    return attribution::guard([&] { return attribution::credit::touch_credit_of(fcinfo); });
}
