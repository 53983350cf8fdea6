// take_pending(): what is taken from allocation_queue, and which sales it concerns. sales_of_journey().

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/sale_finder.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
}

namespace attribution::allocations {

namespace {

constexpr const char* take = R"sql(
DELETE FROM attribution.allocation_queue AS q
 WHERE q.tenant_id = $1
   AND q.ctid = ANY (ARRAY(SELECT n.ctid FROM attribution.allocation_queue AS n WHERE n.tenant_id = $1 LIMIT $2))
RETURNING q.reason, q.sale_key, q.external_id, q.journey_ids)sql";
enum taken_column { reason_column = 1, sale_key_column, external_id_column, journey_ids_column };

// Each with a reason, the first of several by name.
template <class text>
class reasons_of {
  public:
    void add(std::string_view one, std::string_view reason) {
        const auto [known, is_new] = reasons_.try_emplace(text(one), reason);
        if (!is_new) known->second = std::min(known->second, reason);
    }
    // In order, so that look-ups of neighbours meet the same pages.
    [[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> sorted() const {
        std::vector<std::pair<std::string_view, std::string_view>> all(reasons_.begin(), reasons_.end());
        std::sort(all.begin(), all.end());
        return all;
    }

  private:
    std::unordered_map<text, std::string_view> reasons_;
};

// What was taken; reasons and journeys are views into the rows of the statement.
struct taken_rows {
    std::uint64_t count = 0;
    reasons_of<std::string> orders;
    reasons_of<std::string_view> journeys;
    reasons_of<std::string> sales;
};

Datum value_in(std::uint64_t row, int column) {
    bool is_null = false;
    const Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
    return is_null ? Datum{0} : value;
}

void take_rows(Datum tenant, Datum most, taken_rows& into) {
    std::array<Oid, 2> types{UUIDOID, INT4OID};
    std::array<Datum, 2> values{tenant, most};
    const int code = SPI_execute_with_args(take, 2, types.data(), values.data(), nullptr, false, 0);
    if (code != SPI_OK_DELETE_RETURNING)
        elog(ERROR, "could not take from the queue: %s", SPI_result_code_string(code));
    into.count = SPI_processed;
    for (std::uint64_t row = 0; row < SPI_processed; ++row) {
        const std::string_view reason = read_text(value_in(row, reason_column));
        if (const Datum sale = value_in(row, sale_key_column)) into.sales.add(read_text(sale), reason);
        if (const Datum order = value_in(row, external_id_column)) into.orders.add(read_text(order), reason);
        const Datum journeys = value_in(row, journey_ids_column);
        if (journeys == 0) continue;
        for (const Datum journey : read_array(journeys)) into.journeys.add(read_text(journey), reason);
    }
}

Datum make_texts(const std::vector<std::string_view>& texts) {
    auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * texts.size()));
    std::transform(texts.begin(), texts.end(), elements, &make_text);
    return PointerGetDatum(
        construct_array(elements, static_cast<int>(texts.size()), TEXTOID, -1, false, TYPALIGN_INT));
}

// A row for each reason, at least one.
void put(const ReturnSetInfo* into, std::uint64_t items, std::string_view reason,
         const std::vector<std::string_view>& sale_keys) {
    const bool is_empty = sale_keys.empty();
    std::array<Datum, 3> row{Int64GetDatum(static_cast<std::int64_t>(items)), 0, 0};
    std::array<bool, 3> nulls{false, is_empty, is_empty};
    if (!is_empty) {
        row[1] = make_text(reason);
        row[2] = make_texts(sale_keys);
    }
    tuplestore_putvalues(into->setResult, into->setDesc, row.data(), nulls.data());
}

// Arguments: tenant_id, max_items.
Datum take_pending(FunctionCallInfo fcinfo) {
    const auto* into = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
    taken_rows taken;
    sale_finder finder = call([&] {
        InitMaterializedSRF(fcinfo, 0);
        SPI_connect();
        take_rows(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), taken);
        return sale_finder(PG_GETARG_DATUM(0), get_namespace_oid("attribution", false));
    });
    const auto journeys = taken.journeys.sorted();
    call([&] {
        for (const auto& one : journeys)
            finder.each_order(one.first,
                              [&](std::string_view order) { taken.orders.add(order, one.second); });
    });
    const auto orders = taken.orders.sorted();
    call([&] {
        for (const auto& one : orders)
            finder.each_sale(one.first, [&](std::string_view sale) { taken.sales.add(sale, one.second); });
        finder.close();
    });
    std::map<std::string_view, std::vector<std::string_view>> by_reason;
    for (const auto& [sale_key, reason] : taken.sales.sorted()) by_reason[reason].push_back(sale_key);
    if (by_reason.empty()) by_reason[{}];
    call([&] {
        for (const auto& [reason, sale_keys] : by_reason) put(into, taken.count, reason, sale_keys);
        SPI_finish();
    });
    return Datum{0};
}

// Arguments: tenant_id, journey_id.
Datum sales_of_journey(FunctionCallInfo fcinfo) {
    std::set<std::string, std::less<>> orders;
    std::set<std::string, std::less<>> sale_keys;
    call([&] {
        sale_finder finder(PG_GETARG_DATUM(0), get_namespace_oid("attribution", false));
        finder.each_order(read_text(PG_GETARG_DATUM(1)),
                          [&](std::string_view order) { orders.emplace(order); });
        for (const std::string& order : orders)
            finder.each_sale(order, [&](std::string_view sale_key) { sale_keys.emplace(sale_key); });
        finder.close();
    });
    const std::vector<std::string_view> texts(sale_keys.begin(), sale_keys.end());
    return call([&] { return make_texts(texts); });
}

}  // namespace

}  // namespace attribution::allocations

ATTRIBUTION_FUNCTION(attribution_take_pending) {
    return attribution::guard([&] { return attribution::allocations::take_pending(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_sales_of_journey) {
    return attribution::guard([&] { return attribution::allocations::sales_of_journey(fcinfo); });
}
