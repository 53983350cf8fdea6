// pack_touches() and join_touches(): the touches of a journey as journey_touches keeps them.

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/credit/packed_touches.hpp"
#include "extension/src/allocation_sets.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/timestamp.h"
}

namespace attribution::credit {

namespace {

struct columns {
    Datum* times;
    Datum* channels;
    Datum* campaigns;
    int count;
};

columns read_columns(FunctionCallInfo fcinfo) {
    return call([&] {
        columns read{};
        std::array<int, 2> counts{};
        deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TIMESTAMPTZOID, sizeof(int64), FLOAT8PASSBYVAL,
                          TYPALIGN_DOUBLE, &read.times, nullptr, &read.count);
        deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &read.channels, nullptr,
                          &counts[0]);
        deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &read.campaigns,
                          nullptr, &counts[1]);
        if (counts[0] != read.count || counts[1] != read.count)
            elog(ERROR, "columns of touches differ in length");
        return read;
    });
}

Datum make_bytes(const std::string& packed) {
    return call([&] {
        return PointerGetDatum(cstring_to_text_with_len(packed.data(), static_cast<int>(packed.size())));
    });
}

std::string_view bytes_argument(FunctionCallInfo fcinfo, int argument) {
    return call([&] { return read_text(PG_GETARG_DATUM(argument)); });
}

Datum pack(FunctionCallInfo fcinfo) {
    const columns from = read_columns(fcinfo);
    std::vector<packed_touch> touches;
    touches.reserve(static_cast<std::size_t>(from.count));
    for (int i = 0; i < from.count; ++i)
        touches.push_back(
            {DatumGetTimestampTz(from.times[i]), read_text(from.channels[i]), read_text(from.campaigns[i])});
    return make_bytes(pack_touches(std::move(touches)));
}

Datum join(FunctionCallInfo fcinfo) {
    std::vector<packed_touch> more;
    unpack_touches(bytes_argument(fcinfo, 1), more);
    return make_bytes(add_touches(bytes_argument(fcinfo, 0), std::move(more)));
}

}  // namespace

}  // namespace attribution::credit

ATTRIBUTION_FUNCTION(attribution_pack_touches) {
    return attribution::guard([&] { return attribution::credit::pack(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_join_touches) {
    return attribution::guard([&] { return attribution::credit::join(fcinfo); });
}
