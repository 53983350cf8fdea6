#include "extension/src/revenue_sums.hpp"

#include <algorithm>

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace attribution::reports {

namespace {

Datum sum(Datum a, Datum b) {
    if (a == 0) return b;
    return b == 0 ? a : DirectFunctionCall2(numeric_add, a, b);
}

// `b` is NULL when `a` is: see difference_suffices().
Datum minus(Datum a, Datum b) {
    return b == 0 ? a : DirectFunctionCall2(numeric_sub, a, b);
}

bool is_same_amount(Datum a, Datum b) {
    if (a == 0 || b == 0) return a == b;
    return DatumGetBool(DirectFunctionCall2(numeric_eq, a, b));
}

}  // namespace

Datum whole_sum::numeric() const {
    if (!has_any_) return 0;
    constexpr std::int64_t unit = 1'000'000'000'000'000'000;
    const auto part = [](wide value) { return NumericGetDatum(int64_to_numeric(static_cast<int64>(value))); };
    if (sum_ / unit == 0) return part(sum_);
    const Datum high = DirectFunctionCall2(numeric_mul, part(sum_ / unit), part(unit));
    return DirectFunctionCall2(numeric_add, high, part(sum_ % unit));
}

revenue_sums to_sums(const entry_sums& of) {
    return {of.entries,       of.sales, of.amount.numeric(), of.tax.numeric(), of.shipping.numeric(),
            of.last_booked_at};
}

void add(revenue_sums& to, const revenue_sums& more) {
    to.entries += more.entries;
    to.sales += more.sales;
    to.amount = sum(to.amount, more.amount);
    to.tax = sum(to.tax, more.tax);
    to.shipping = sum(to.shipping, more.shipping);
    to.last_booked_at = std::max(to.last_booked_at, more.last_booked_at);
}

bool is_same_sum(const revenue_sums& a, const revenue_sums& b) {
    return a.entries == b.entries && a.sales == b.sales && a.last_booked_at == b.last_booked_at &&
           is_same_amount(a.amount, b.amount) && is_same_amount(a.tax, b.tax) &&
           is_same_amount(a.shipping, b.shipping);
}

bool difference_suffices(const revenue_sums& before, const revenue_sums& now) {
    return now.last_booked_at >= before.last_booked_at && (now.tax != 0 || before.tax == 0) &&
           (now.shipping != 0 || before.shipping == 0);
}

revenue_sums difference(const revenue_sums& before, const revenue_sums& now) {
    return {now.entries - before.entries,         now.sales - before.sales,
            minus(now.amount, before.amount),     minus(now.tax, before.tax),
            minus(now.shipping, before.shipping), now.last_booked_at};
}

}  // namespace attribution::reports
