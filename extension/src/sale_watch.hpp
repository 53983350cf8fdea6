// Which buckets an entry or a conversion changes besides its own: channel and time of a sale are those of all
// its entries, whatever is told first. Rows that other transactions have not committed are seen as well. So
// of two transactions that do not know of each other, the one that looks later finds the other's row: it
// queues the bucket that is there, or says what its own bucket awaits.
//
// Everything here calls PostgreSQL and owns nothing: run it inside call().
#pragma once

#include <optional>

#include "extension/src/compat.hpp"
#include "extension/src/dirty_buckets.hpp"
#include "extension/src/dirty_scan.hpp"

namespace attribution::reports {

// Places of columns of revenue_ledger (0004_revenue.sql, 0015_allocate.sql).
namespace ledger {
constexpr int entry_id = 2;
constexpr int money_key = 3;
constexpr int kind = 4;
constexpr int step = 5;
constexpr int event_id = 11;
constexpr int bucket_start = 13;
constexpr int sale_key = 15;
constexpr int column_count = 15;
}  // namespace ledger

struct new_entry {
    const pg_uuid_t* tenant;
    const pg_uuid_t* id;
    Datum money_key;
    Datum sale_key;
    bool is_first_capture;
    const pg_uuid_t* event;
    TimestampTz bucket;
};

struct new_conversion {
    const pg_uuid_t* tenant;
    const pg_uuid_t* id;
    Datum source;
    Datum external_id;
    Datum channel;
    TimestampTz occurred_at;
};

class sale_watch {
  public:
    explicit sale_watch(Oid schema) : schema_(schema) {}
    void close();

    void note(const new_entry& entry, dirty_buckets& into);
    void note(const new_conversion& told, dirty_buckets& into);

  private:
    void note_others(const new_entry& capture, dirty_buckets& into);
    void note_channel(const new_entry& entry, const pg_uuid_t& sale_event, dirty_buckets& into);
    void note_sales_of(const pg_uuid_t& tenant, const pg_uuid_t& event, dirty_buckets& into);
    [[nodiscard]] dirty_scan& entries_of_sale();
    [[nodiscard]] dirty_scan& first_captures();
    [[nodiscard]] dirty_scan& captures_of_event();
    [[nodiscard]] dirty_scan& events();
    [[nodiscard]] dirty_scan& events_of_order();

    Oid schema_;
    std::optional<dirty_scan> entries_of_sale_;
    std::optional<dirty_scan> first_captures_;
    std::optional<dirty_scan> captures_of_event_;
    std::optional<dirty_scan> events_;
    std::optional<dirty_scan> events_of_order_;
};

}  // namespace attribution::reports
