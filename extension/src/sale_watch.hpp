// Which buckets an entry or a conversion changes besides its own: channel and time of a sale are those of all
// its entries, whatever is told first. Rows that other transactions have not committed are seen as well. So
// of two transactions that do not know of each other, the one that looks later finds the other's row: it
// queues the bucket that is there, or says what its own bucket awaits.
//
// Everything here calls PostgreSQL and owns nothing: run it inside call().
#pragma once

#include <optional>
#include <vector>

#include "extension/src/compat.hpp"
#include "extension/src/dirty_buckets.hpp"
#include "extension/src/dirty_scan.hpp"

namespace attribution::reports {

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

// Conversions that no other event tells of, as a statement has found them after it stored everything: nearly
// all are, and need not be looked up again for the entries of the same statement.
class lone_conversions {
  public:
    void add(const pg_uuid_t& event);
    [[nodiscard]] bool contain(const pg_uuid_t& event) const;

  private:
    [[nodiscard]] bool is_of_this_statement() const;

    TransactionId transaction_ = InvalidTransactionId;
    CommandId command_ = InvalidCommandId;
    std::vector<pg_uuid_t> events_;
};

class sale_watch {
  public:
    explicit sale_watch(Oid schema) : schema_(schema) {}
    void close();

    void note(const new_entry& entry, dirty_buckets& into);
    void note(const new_conversion& told, dirty_buckets& into);

  private:
    bool note_others(const new_entry& capture, dirty_buckets& into);
    void note_channel(const new_entry& entry, const pg_uuid_t& sale_event, std::optional<TimestampTz> bucket,
                      dirty_buckets& into);
    void await_others(const new_entry& capture, const pg_uuid_t& awaits, dirty_buckets& into);
    void note_sales_of(const pg_uuid_t& tenant, const pg_uuid_t& event, dirty_buckets& into);
    [[nodiscard]] dirty_scan& entries_of_sale();
    [[nodiscard]] dirty_scan& first_captures();
    [[nodiscard]] dirty_scan& entries_of_event();
    [[nodiscard]] dirty_scan& events();
    [[nodiscard]] dirty_scan& events_of_order();

    Oid schema_;
    std::optional<dirty_scan> entries_of_sale_;
    std::optional<dirty_scan> first_captures_;
    std::optional<dirty_scan> entries_of_event_;
    std::optional<dirty_scan> events_;
    std::optional<dirty_scan> events_of_order_;
};

}  // namespace attribution::reports
