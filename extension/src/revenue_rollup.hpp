// Rows of revenue_rollup or daily_revenue_rollup (0017_rollups.sql), read in the active snapshot, and written
// one by one. For who holds the lock of the rollups only. Run it inside call().
#pragma once

#include <cstdint>

#include "extension/src/index_lookup.hpp"
#include "extension/src/revenue_sums.hpp"
#include "extension/src/table_writer.hpp"

namespace attribution::reports {

class revenue_rollup {
  public:
    enum class grain { quarter_hour, day };
    revenue_rollup(Oid schema, grain of);
    void close();

    // The rows of entries of this time: a quarter of an hour or day, as `grain` says.
    void start(const pg_uuid_t& tenant, std::int64_t time);
    // The one of this key.
    [[nodiscard]] bool find(const pg_uuid_t& tenant, std::int64_t time, const revenue_key& key);
    [[nodiscard]] bool next() { return rows_.next(); }

    // Of the current row.
    [[nodiscard]] ItemPointerData place() { return rows_.place(); }
    void read_key(revenue_key& into);
    [[nodiscard]] revenue_sums sums();

    // Written by close() at the latest.
    void insert(const pg_uuid_t& tenant, std::int64_t time, const revenue_key& key, const revenue_sums& sums);
    void update(ItemPointerData place, const pg_uuid_t& tenant, std::int64_t time, const revenue_key& key,
                const revenue_sums& sums);
    void remove(ItemPointerData place) { rows_to_write_.remove(place); }

  private:
    [[nodiscard]] Datum time_datum(std::int64_t time) const;
    void fill(Datum* values, bool* nulls, const pg_uuid_t& tenant, std::int64_t time, const revenue_key& key,
              const revenue_sums& sums) const;

    grain grain_;
    table_writer rows_to_write_;
    index_lookup rows_;
};

}  // namespace attribution::reports
