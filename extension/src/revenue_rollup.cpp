#include "extension/src/revenue_rollup.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "extension/src/datum.hpp"

extern "C" {
#include "access/htup_details.h"
#include "utils/date.h"
#include "utils/fmgroids.h"
#include "utils/numeric.h"
}

namespace attribution::reports {

namespace {

// Both tables have the same columns but for the type of the times.
enum column : int {
    sale_column = 3,
    channel_column,
    currency_column,
    kind_column,
    entries_column,
    sales_column,
    amount_column,
    tax_column,
    shipping_column,
    last_booked_at_column
};
constexpr int column_count = last_booked_at_column;
constexpr std::size_t most_new_rows = 100;  // before they are written

const char* name_of(revenue_rollup::grain of) {
    return of == revenue_rollup::grain::day ? "daily_revenue_rollup" : "revenue_rollup";
}

// Of a day one row is looked for, of a quarter of an hour all.
std::initializer_list<Oid> conditions_of(revenue_rollup::grain of) {
    static constexpr std::initializer_list<Oid> quarter_hour{F_UUID_EQ, F_TIMESTAMPTZ_EQ};
    static constexpr std::initializer_list<Oid> day{F_UUID_EQ, F_DATE_EQ,  F_DATE_EQ,
                                                    F_TEXTEQ,  F_BPCHAREQ, F_TEXTEQ};
    return of == revenue_rollup::grain::day ? day : quarter_hour;
}

}  // namespace

revenue_rollup::revenue_rollup(Oid schema, grain of)
    : grain_(of),
      rows_to_write_(schema, name_of(of), most_new_rows),
      rows_(schema, name_of(of), nullptr, conditions_of(of), GetActiveSnapshot()) {}

void revenue_rollup::close() {
    rows_.close();
    rows_to_write_.flush();
    rows_to_write_.close();
}

Datum revenue_rollup::time_datum(std::int64_t time) const {
    return grain_ == grain::day ? DateADTGetDatum(static_cast<DateADT>(time)) : TimestampTzGetDatum(time);
}

void revenue_rollup::start(const pg_uuid_t& tenant, std::int64_t time) {
    const std::array values{UUIDPGetDatum(&tenant), time_datum(time)};
    rows_.start(values.data());
}

bool revenue_rollup::find(const pg_uuid_t& tenant, std::int64_t time, const revenue_key& key) {
    const std::array values{UUIDPGetDatum(&tenant), time_datum(time),        time_datum(key.sale),
                            make_text(key.channel), make_text(key.currency), make_text(key.kind)};
    rows_.start(values.data());
    return rows_.next();
}

void revenue_rollup::read_key(revenue_key& into) {
    const Datum sale = rows_.value(sale_column);
    into.sale = grain_ == grain::day ? DatumGetDateADT(sale) : DatumGetTimestampTz(sale);
    into.channel = read_text(rows_.value(channel_column));
    into.currency = read_text(rows_.value(currency_column));
    into.kind = read_text(rows_.value(kind_column));
}

revenue_sums revenue_rollup::sums() {
    const auto amount = [&](int column) {
        return rows_.is_null(column) ? Datum{0} : PointerGetDatum(DatumGetNumericCopy(rows_.value(column)));
    };
    return {DatumGetInt64(rows_.value(entries_column)),
            DatumGetInt64(rows_.value(sales_column)),
            amount(amount_column),
            amount(tax_column),
            amount(shipping_column),
            DatumGetTimestampTz(rows_.value(last_booked_at_column))};
}

void revenue_rollup::fill(Datum* values, bool* nulls, const pg_uuid_t& tenant, std::int64_t time,
                          const revenue_key& key, const revenue_sums& sums) const {
    // The row may be written when the caller is at another tenant.
    auto* id = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
    *id = tenant;
    const std::array<Datum, column_count> row{UUIDPGetDatum(id),
                                              time_datum(time),
                                              time_datum(key.sale),
                                              make_text(key.channel),
                                              make_text(key.currency),
                                              make_text(key.kind),
                                              Int64GetDatum(sums.entries),
                                              Int64GetDatum(sums.sales),
                                              sums.amount,
                                              sums.tax,
                                              sums.shipping,
                                              TimestampTzGetDatum(sums.last_booked_at)};
    std::copy(row.begin(), row.end(), values);
    nulls[tax_column - 1] = sums.tax == 0;
    nulls[shipping_column - 1] = sums.shipping == 0;
}

void revenue_rollup::insert(const pg_uuid_t& tenant, std::int64_t time, const revenue_key& key,
                            const revenue_sums& sums) {
    rows_to_write_.add(column_count,
                       [&](Datum* values, bool* nulls) { fill(values, nulls, tenant, time, key, sums); });
}

void revenue_rollup::update(ItemPointerData place, const pg_uuid_t& tenant, std::int64_t time,
                            const revenue_key& key, const revenue_sums& sums) {
    rows_to_write_.update(place, column_count,
                          [&](Datum* values, bool* nulls) { fill(values, nulls, tenant, time, key, sums); });
}

}  // namespace attribution::reports
