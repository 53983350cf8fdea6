// split_amount(): arrays to core/credit and back.

#include <algorithm>
#include <utility>

#include "core/credit/split.hpp"
#include "core/errors.hpp"
#include "extension/src/guard.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

namespace attribution::credit {

namespace {

std::vector<double> read_weights(FunctionCallInfo fcinfo, int argument) {
    const auto [elements, has_null] = call([&] {
        Datum* values = nullptr;
        bool* nulls = nullptr;
        int count = 0;
        deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
                          TYPALIGN_DOUBLE, &values, &nulls, &count);
        return std::pair{std::span{values, static_cast<std::size_t>(count)},
                         std::any_of(nulls, nulls + count, [](bool is_null) { return is_null; })};
    });
    if (has_null) {
        throw error("22004", "a weight is NULL", "Each weight must be a number of at least 0.",
                    "Give a part that shall get nothing the weight 0.");
    }
    std::vector<double> weights;
    weights.reserve(elements.size());
    for (const Datum element : elements) weights.push_back(DatumGetFloat8(element));
    return weights;
}

Datum split(FunctionCallInfo fcinfo) {
    const std::vector<std::int64_t> parts = split_amount(PG_GETARG_INT64(0), read_weights(fcinfo, 1));
    return call([&] {
        auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * parts.size()));
        std::transform(parts.begin(), parts.end(), elements,
                       [](std::int64_t part) { return Int64GetDatum(part); });
        return PointerGetDatum(construct_array(elements, static_cast<int>(parts.size()), INT8OID,
                                               sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
    });
}

}  // namespace

}  // namespace attribution::credit

ATTRIBUTION_FUNCTION(attribution_split_amount) {
    return attribution::guard([&] { return attribution::credit::split(fcinfo); });
}
