#include "extension/src/sale_reader.hpp"

#include <array>
#include <string>
#include <tuple>

#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
}

namespace attribution::allocations {

namespace {

constexpr long sales_per_fetch = 1000;

constexpr const char* all_sales = R"sql(
SELECT s.converted_at, s.channel, s.campaign, s.touches, s.entries
  FROM attribution.sales AS s
 WHERE s.tenant_id = $1 AND )sql";

constexpr const char* by_key = "s.sale_key = ANY ($2)";
// Entries count when they were booked, the sale when it was made, which may be before. Maybe nothing of a
// long sale is in that time.
constexpr const char* by_time = "s.last_at >= $2 AND least(s.first_at, s.converted_at) < $3";

enum column {
    converted_at_column = 1,
    channel_column,
    campaign_column,
    touches_column,
    entries_column,
};

// Columns of attribution_internal.sale_entry (25_types.sql), from 0.
enum entry_column { entry_id, amount_minor, occurred_at, money_key, kind, currency, entry_columns };

// A row before it becomes C++ objects.
struct raw_sale {
    std::int64_t converted_at;
    std::string_view channel;
    std::string_view campaign;
    std::string_view touches;
    std::span<const Datum> entries;
};

class row_of_sale {
  public:
    explicit row_of_sale(HeapTuple row) : row_(row) {}

    [[nodiscard]] std::int64_t number(int column) const { return DatumGetInt64(get(column)); }
    [[nodiscard]] std::string_view bytes(int column) const {
        const Datum value = get(column);
        return value == 0 ? std::string_view{} : read_text(value);
    }
    [[nodiscard]] std::span<const Datum> list(int column) const {
        const Datum value = get(column);
        return value == 0 ? std::span<const Datum>{} : read_array(value);
    }

  private:
    // 0 when NULL.
    [[nodiscard]] Datum get(int column) const {
        bool is_null = false;
        const Datum value = SPI_getbinval(row_, SPI_tuptable->tupdesc, column, &is_null);
        return is_null ? Datum{0} : value;
    }

    HeapTuple row_;
};

raw_sale read_row(HeapTuple tuple) {
    const row_of_sale row(tuple);
    return {row.number(converted_at_column), row.bytes(channel_column), row.bytes(campaign_column),
            row.bytes(touches_column), row.list(entries_column)};
}

ledger_entry read_entry(Datum composite, TupleDesc entry_type) {
    HeapTupleHeader header = DatumGetHeapTupleHeader(composite);
    HeapTupleData row{};
    row.t_len = HeapTupleHeaderGetDatumLength(header);
    row.t_data = header;
    std::array<Datum, entry_columns> values;
    std::array<bool, entry_columns> nulls;
    heap_deform_tuple(&row, entry_type, values.data(), nulls.data());
    return {*DatumGetUUIDP(values[entry_id]), DatumGetInt64(values[amount_minor]),
            DatumGetInt64(values[occurred_at]), read_text(values[money_key]),
            // The domain of the column lets only these in.
            credit::find_entry_kind(read_text(values[kind])).value(), read_currency(values[currency])};
}

sale make_sale(const raw_sale& from, TupleDesc entry_type) {
    sale made{from.converted_at, from.channel, from.campaign, from.touches, {}};
    for (const Datum entry : from.entries) made.entries.push_back(read_entry(entry, entry_type));
    return made;
}

}  // namespace

sale_reader::sale_reader(const sale_selection& which) {
    const bool has_keys = which.sale_keys != 0;
    const std::string query = std::string(all_sales) + (has_keys ? by_key : by_time);
    std::tie(cursor_, memory_, entry_type_) = call([&] {
        std::array<Oid, 3> types{UUIDOID, has_keys ? Oid{TEXTARRAYOID} : Oid{TIMESTAMPTZOID}, TIMESTAMPTZOID};
        std::array<Datum, 3> values{which.tenant,
                                    has_keys ? which.sale_keys : TimestampTzGetDatum(which.from),
                                    TimestampTzGetDatum(which.until)};
        const Oid internal = get_namespace_oid("attribution_internal", false);
        return std::tuple{
            SPI_cursor_open_with_args(nullptr, query.c_str(), has_keys ? 2 : 3, types.data(), values.data(),
                                      nullptr, false, 0),
            AllocSetContextCreate(CurrentMemoryContext, "sales to divide", ALLOCSET_DEFAULT_SIZES),
            lookup_rowtype_tupdesc_copy(
                GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("sale_entry"),
                                ObjectIdGetDatum(internal)),
                -1)};
    });
}

std::span<const sale> sale_reader::fetch() {
    sales_.clear();
    const std::span<const raw_sale> rows = call([&] {
        MemoryContextReset(memory_);
        if (rows_ != nullptr) SPI_freetuptable(rows_);
        SPI_cursor_fetch(cursor_, true, sales_per_fetch);
        rows_ = SPI_tuptable;
        if (SPI_processed == 0) SPI_cursor_close(cursor_);
        MemoryContext outer = MemoryContextSwitchTo(memory_);
        auto* read = static_cast<raw_sale*>(palloc(sizeof(raw_sale) * (SPI_processed + 1)));
        for (std::uint64_t i = 0; i < SPI_processed; ++i) read[i] = read_row(rows_->vals[i]);
        MemoryContextSwitchTo(outer);
        return std::span<const raw_sale>{read, SPI_processed};
    });
    for (const raw_sale& row : rows) sales_.push_back(make_sale(row, entry_type_));
    return sales_;
}

}  // namespace attribution::allocations
