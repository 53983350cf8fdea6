// Ledger entries of a quarter of an hour with channel and time of the sale that each belongs to, by the rule
// of the view booked_entries (0017_rollups.sql), in the active snapshot. Run it inside call().
#pragma once

#include <string>
#include <string_view>

#include "extension/src/compat.hpp"
#include "extension/src/index_lookup.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace attribution::reports {

class booked_entries {
  public:
    explicit booked_entries(Oid schema);
    void close();

    void start(const pg_uuid_t& tenant, TimestampTz bucket);
    [[nodiscard]] bool next();

    // Of the current entry, until the next.
    [[nodiscard]] std::string_view channel() const { return channel_; }
    [[nodiscard]] TimestampTz sale_bucket() const { return sale_bucket_; }
    [[nodiscard]] bool is_first_capture() const { return is_first_capture_; }
    // Columns of revenue_ledger, from table_columns.hpp.
    [[nodiscard]] Datum value(int column) { return entries_.value(column); }
    [[nodiscard]] bool is_null(int column) { return entries_.is_null(column); }

  private:
    [[nodiscard]] bool find_sale();
    [[nodiscard]] bool find_channel();
    [[nodiscard]] bool hear(Datum event, bool is_of_sale);

    index_lookup entries_;
    index_lookup captures_;
    index_lookup events_;
    index_lookup events_of_order_;
    pg_uuid_t tenant_{};
    TimestampTz bucket_ = 0;
    Datum capture_kind_;
    std::string channel_;
    TimestampTz sale_bucket_ = 0;
    bool is_first_capture_ = false;
};

}  // namespace attribution::reports
