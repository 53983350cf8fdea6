#include "extension/src/sale_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <tuple>

#include "extension/src/guard.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/timestamp.h"
}

namespace attribution::allocations {

namespace {

constexpr long sales_per_fetch = 1000;

// Entries come as arrays, so that a sale is one row. Linked journeys are few, and looked for only where there
// are any.
std::string query(std::string_view which_entries, std::string_view which_sales) {
    return std::string(R"sql(
SELECT s.converted_at, s.channel, s.campaign, t.touches,
       CASE WHEN k.canonical_id IS NOT NULL THEN ARRAY(
            SELECT o.touches FROM attribution.journey_links AS l
              JOIN attribution.journey_touches AS o ON o.tenant_id = l.tenant_id AND o.journey_id = l.journey_id
             WHERE l.tenant_id = $1 AND l.canonical_id = k.canonical_id) END,
       e.ids, e.amounts, e.times, e.money_keys, e.kinds, e.currencies
  FROM attribution.sales AS s
  JOIN (SELECT r.sale_key, array_agg(r.entry_id) AS ids, array_agg(r.amount_minor::bigint) AS amounts,
               array_agg(r.occurred_at) AS times, array_agg(r.money_key) AS money_keys,
               array_agg(r.kind::text) AS kinds, array_agg(r.currency::text) AS currencies
          FROM attribution.revenue_ledger AS r
         WHERE r.tenant_id = $1 )sql")
        .append(which_entries)
        .append(R"sql() AS e ON e.sale_key = s.sale_key
  LEFT JOIN attribution.journey_touches AS t ON t.tenant_id = $1 AND t.journey_id = s.journey_id
  LEFT JOIN attribution.journey_links AS k ON k.tenant_id = $1 AND k.journey_id = s.journey_id
 WHERE s.tenant_id = $1 )sql")
        .append(which_sales);
}

std::string query_by_key() {
    return query("AND r.sale_key = ANY ($2) GROUP BY r.sale_key", "AND s.sale_key = ANY ($2)");
}

std::string query_by_time() {
    return query("GROUP BY r.sale_key HAVING bool_or(r.occurred_at >= $2 AND r.occurred_at < $3)", "");
}

enum column {
    converted_at_column = 1,
    channel_column,
    campaign_column,
    touches_column,
    linked_column,
    ids_column,
    amounts_column,
    times_column,
    money_keys_column,
    kinds_column,
    currencies_column,
};

struct elements {
    Datum* values = nullptr;
    int count = 0;
};

// A row before it becomes C++ objects.
struct raw_sale {
    std::int64_t converted_at;
    std::string_view channel;
    std::string_view campaign;
    std::string_view touches;
    elements linked;
    elements ids;
    elements amounts;
    elements times;
    elements money_keys;
    elements kinds;
    elements currencies;
};

struct element_type {
    Oid type;
    int length;
    bool by_value;
    char align;
};
constexpr element_type uuid_element{UUIDOID, UUID_LEN, false, TYPALIGN_CHAR};
constexpr element_type bigint_element{INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE};
constexpr element_type time_element{TIMESTAMPTZOID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE};
constexpr element_type text_element{TEXTOID, -1, false, TYPALIGN_INT};
constexpr element_type bytes_element{BYTEAOID, -1, false, TYPALIGN_INT};

class row_of_sale {
  public:
    explicit row_of_sale(HeapTuple row) : row_(row) {}

    [[nodiscard]] std::int64_t number(int column) const { return DatumGetInt64(get(column)); }
    [[nodiscard]] std::string_view bytes(int column) const {
        const Datum value = get(column);
        return value == 0 ? std::string_view{} : read_text(value);
    }
    [[nodiscard]] elements list(int column, const element_type& of) const {
        elements read;
        const Datum value = get(column);
        if (value == 0) return read;
        deconstruct_array(DatumGetArrayTypeP(value), of.type, of.length, of.by_value, of.align, &read.values,
                          nullptr, &read.count);
        return read;
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
    return {row.number(converted_at_column),
            row.bytes(channel_column),
            row.bytes(campaign_column),
            row.bytes(touches_column),
            row.list(linked_column, bytes_element),
            row.list(ids_column, uuid_element),
            row.list(amounts_column, bigint_element),
            row.list(times_column, time_element),
            row.list(money_keys_column, text_element),
            row.list(kinds_column, text_element),
            row.list(currencies_column, text_element)};
}

bool comes_before(const ledger_entry& a, const ledger_entry& b) {
    if (a.occurred_at != b.occurred_at) return a.occurred_at < b.occurred_at;
    return std::memcmp(a.id.data, b.id.data, UUID_LEN) < 0;
}

sale make_sale(const raw_sale& from) {
    sale made{from.converted_at, from.channel, from.campaign, {}, {}};
    for (int i = 0; i < from.linked.count; ++i) made.journeys.push_back(read_text(from.linked.values[i]));
    if (made.journeys.empty() && !from.touches.empty()) made.journeys.push_back(from.touches);
    for (int i = 0; i < from.ids.count; ++i) {
        made.entries.push_back({*DatumGetUUIDP(from.ids.values[i]), DatumGetInt64(from.amounts.values[i]),
                                DatumGetInt64(from.times.values[i]), read_text(from.money_keys.values[i]),
                                // The domain of the column lets only these in.
                                credit::find_entry_kind(read_text(from.kinds.values[i])).value(),
                                read_currency(from.currencies.values[i])});
    }
    std::sort(made.entries.begin(), made.entries.end(), &comes_before);
    return made;
}

}  // namespace

sale_reader::sale_reader(const sale_selection& which) {
    const bool by_key = which.sale_keys != 0;
    const std::string text = by_key ? query_by_key() : query_by_time();
    std::tie(cursor_, memory_) = call([&] {
        std::array<Oid, 3> types{UUIDOID, by_key ? Oid{TEXTARRAYOID} : Oid{TIMESTAMPTZOID}, TIMESTAMPTZOID};
        std::array<Datum, 3> values{which.tenant, by_key ? which.sale_keys : TimestampTzGetDatum(which.from),
                                    TimestampTzGetDatum(which.until)};
        return std::pair{
            SPI_cursor_open_with_args(nullptr, text.c_str(), by_key ? 2 : 3, types.data(), values.data(),
                                      nullptr, false, 0),
            AllocSetContextCreate(CurrentMemoryContext, "sales to divide", ALLOCSET_DEFAULT_SIZES)};
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
    for (const raw_sale& row : rows) sales_.push_back(make_sale(row));
    return sales_;
}

}  // namespace attribution::allocations
