// Reads sales with all their ledger entries and the touches before them, some at a time: memory is that of
// the sales of one fetch, however many there are. Each of linked journeys has the touches of all of them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/credit/rules.hpp"
#include "core/credit/sale.hpp"
#include "extension/src/allocation_sets.hpp"

extern "C" {
#include "executor/spi.h"
}

namespace attribution::allocations {

struct ledger_entry {
    pg_uuid_t id;
    std::int64_t amount_minor;
    std::int64_t occurred_at;
    std::string_view money_key;
    credit::entry_kind kind;
    currency_code currency;
};

// Views point into the memory of the fetch.
struct sale {
    credit::microseconds converted_at;
    std::string_view channel;  // its own, for a sale without touches
    std::string_view campaign;
    std::string_view touches;           // packed; empty when there are none
    std::vector<ledger_entry> entries;  // in the order of core/credit/sale.hpp
};

// Which sales: those with these keys, or all that may have an entry in a time (`until` excluded).
struct sale_selection {
    Datum tenant;
    Datum sale_keys;  // text[]; 0 when a time selects
    std::int64_t from;
    std::int64_t until;
};

// Between SPI_connect and SPI_finish.
class sale_reader {
  public:
    explicit sale_reader(const sale_selection& which);

    // The next ones; none when all were read. The memory of the last fetch is given back.
    std::span<const sale> fetch();

  private:
    Portal cursor_;
    MemoryContext memory_;
    TupleDesc entry_type_;
    SPITupleTable* rows_ = nullptr;
    std::vector<sale> sales_;
};

}  // namespace attribution::allocations
