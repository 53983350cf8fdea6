// currency_exponent() and decimal_amount(): minor units as people read them.

#include <string_view>

#include "core/money/money.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace attribution {

namespace {

int exponent_argument(FunctionCallInfo fcinfo, int argument) {
    const std::string_view code = call([&] { return read_text(PG_GETARG_DATUM(argument)); });
    return money::currency::from_code(code).exponent();
}

}  // namespace

}  // namespace attribution

ATTRIBUTION_FUNCTION(attribution_currency_exponent) {
    return attribution::guard([&] { return Int32GetDatum(attribution::exponent_argument(fcinfo, 0)); });
}

ATTRIBUTION_FUNCTION(attribution_decimal_amount) {
    return attribution::guard([&] {
        const int exponent = attribution::exponent_argument(fcinfo, 1);
        return attribution::call([&] {
            const Numeric unit = int64_div_fast_to_numeric(1, exponent);
            return DirectFunctionCall2(numeric_mul, PG_GETARG_DATUM(0), NumericGetDatum(unit));
        });
    });
}
