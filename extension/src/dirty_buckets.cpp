#include "extension/src/dirty_buckets.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/subtransaction.hpp"
#include "extension/src/table_ids.hpp"
#include "extension/src/table_writer.hpp"

namespace attribution::reports {

namespace {

// Columns of dirty_buckets in the order of 0017_rollups.sql; the last is awaits.
constexpr int column_count = 4;

constexpr pg_uuid_t none{};

}  // namespace

// What the current subtransaction has queued: those who write many small statements touch the same buckets
// again and again. Nobody else takes rows that are not committed; a DELETE of its own is told by a trigger.
class queued_buckets {
  public:
    void enter(Oid table) {
        if (mark_.is_that_of_last_call() && table == table_ && keys_.size() < most) return;
        keys_.clear();
        table_ = table;
    }
    void forget() { keys_.clear(); }
    [[nodiscard]] bool has(const dirty_buckets::key& one) const {
        return std::any_of(keys_.rbegin(), keys_.rend(), [&](const stored& k) {
            return k.bucket == one.bucket && k.what == one.what && is_same(k.tenant, one.tenant);
        });
    }
    void add(const dirty_buckets::key& one) {
        if (is_same(one.awaits, none) && keys_.size() < most)
            keys_.push_back({one.tenant, std::string(one.what), one.bucket});
    }

  private:
    struct stored {
        pg_uuid_t tenant;
        std::string what;
        TimestampTz bucket;
    };
    static constexpr std::size_t most = 100;
    Oid table_ = InvalidOid;
    subtransaction_mark mark_;
    std::vector<stored> keys_;
};

namespace {

queued_buckets queued;

}  // namespace

int dirty_buckets::compare(const key& a, const key& b) {
    if (const int by_tenant = compare_ids(a.tenant, b.tenant)) return by_tenant;
    if (const int by_what = a.what.compare(b.what)) return by_what;
    if (a.bucket != b.bucket) return a.bucket < b.bucket ? -1 : 1;
    return compare_ids(a.awaits, b.awaits);
}

void dirty_buckets::add(const key& one) {
    if (keys_.empty() || compare(keys_.back(), one) != 0) keys_.push_back(one);
}

void dirty_buckets::add(const pg_uuid_t& tenant, std::string_view what, TimestampTz bucket) {
    add({tenant, what, bucket, none});
}

void dirty_buckets::add_awaited(const pg_uuid_t& tenant, TimestampTz bucket, const pg_uuid_t& awaits) {
    add({tenant, awaited, bucket, awaits});
}

void dirty_buckets::write(Oid schema) {
    if (keys_.empty()) return;
    const auto is_less = [](const key& a, const key& b) { return compare(a, b) < 0; };
    const auto is_equal = [](const key& a, const key& b) { return compare(a, b) == 0; };
    std::sort(keys_.begin(), keys_.end(), is_less);
    keys_.erase(std::unique(keys_.begin(), keys_.end(), is_equal), keys_.end());
    queued.enter(call([&] { return find_relation(schema, "dirty_buckets"); }));
    std::erase_if(keys_, [](const key& one) { return queued.has(one); });
    if (keys_.empty()) return;
    call([&] {
        table_writer target(schema, "dirty_buckets", keys_.size());
        target.write(
            keys_, [](const key& one) { return is_same(one.awaits, none) ? column_count - 1 : column_count; },
            [](Datum* values, const key& one) {
                const std::array<Datum, column_count> row{UUIDPGetDatum(&one.tenant), make_text(one.what),
                                                          TimestampTzGetDatum(one.bucket),
                                                          UUIDPGetDatum(&one.awaits)};
                std::copy(row.begin(), row.end(), values);
            });
        target.close();
    });
    for (const key& one : keys_) queued.add(one);
    keys_.clear();
}

void dirty_buckets::forget_queued() {
    queued.forget();
}

}  // namespace attribution::reports
