// told_sales(): what sale_teller tells of some sales, as rows.

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <tuple>

#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/sale_teller.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "funcapi.h"
}

namespace attribution::allocations {

namespace {

// Memory is that of so many sales, of which each may have as many touches as are kept.
constexpr std::size_t sales_at_a_time = 250;

void put(const ReturnSetInfo* into, sale_row& row) {
    std::array<bool, std::tuple_size_v<sale_row>> nulls{};
    for (const std::size_t place : {external_id_place, journey_place, touches_place})
        nulls[place] = row[place] == 0;
    tuplestore_putvalues(into->setResult, into->setDesc, row.data(), nulls.data());
}

// Arguments: tenant_id, sale_keys.
Datum tell(FunctionCallInfo fcinfo) {
    const auto* into = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
    sale_teller::buffers read;
    auto opened = call([&] {
        InitMaterializedSRF(fcinfo, 0);
        MemoryContext some_sales =
            AllocSetContextCreate(CurrentMemoryContext, "what is told of sales", ALLOCSET_DEFAULT_SIZES);
        return std::tuple{
            read_array(PG_GETARG_DATUM(1)), some_sales,
            sale_teller(PG_GETARG_DATUM(0), get_namespace_oid("attribution", false), read, some_sales)};
    });
    auto& [all_keys, memory_of_sales, reader] = opened;
    std::span<const Datum> sale_keys = all_keys;
    MemoryContext memory = memory_of_sales;
    sale_teller& teller = reader;
    for (; !sale_keys.empty(); sale_keys = sale_keys.subspan(std::min(sales_at_a_time, sale_keys.size()))) {
        call([&] { teller.read(sale_keys.first(std::min(sales_at_a_time, sale_keys.size()))); });
        for (std::size_t i = 0; i < read.rows.size(); ++i) {
            const auto& touches = read.touches.touches[i];
            const std::string packed = touches.empty() ? std::string() : credit::pack_touches(touches);
            call([&] {
                MemoryContext outer = MemoryContextSwitchTo(memory);
                if (!touches.empty()) read.rows[i][touches_place] = make_text(packed);
                put(into, read.rows[i]);
                MemoryContextSwitchTo(outer);
            });
        }
    }
    call([&] { teller.close(); });
    return Datum{0};
}

}  // namespace

}  // namespace attribution::allocations

ATTRIBUTION_FUNCTION(attribution_told_sales) {
    return attribution::guard([&] { return attribution::allocations::tell(fcinfo); });
}
