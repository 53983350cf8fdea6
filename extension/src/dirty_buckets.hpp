// The queue of buckets whose rollups are out of date: dirty_buckets, as one statement adds to it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "extension/src/compat.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace attribution::reports {

// What dirty_buckets.what may say of a bucket.
constexpr std::string_view revenue = "revenue";
constexpr std::string_view allocations = "allocations";
constexpr std::string_view awaited = "awaited";

class dirty_buckets {
  public:
    void add(const pg_uuid_t& tenant, std::string_view what, TimestampTz bucket);
    // A bucket that changes once another transaction commits the event or entry of this id.
    void add_awaited(const pg_uuid_t& tenant, TimestampTz bucket, const pg_uuid_t& awaits);
    // Appends each of them once, but what the current subtransaction has appended already.
    void write(Oid schema);
    // Rows were deleted: what was appended may be among them.
    static void forget_queued();

  private:
    friend class queued_buckets;
    struct key {
        pg_uuid_t tenant;
        std::string_view what;
        TimestampTz bucket;
        pg_uuid_t awaits;  // zeros for none
    };
    [[nodiscard]] static int compare(const key& a, const key& b);
    void add(const key& one);

    std::vector<key> keys_;
};

}  // namespace attribution::reports
