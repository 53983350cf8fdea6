#include "extension/src/dirty_buckets.hpp"

#include <algorithm>
#include <array>

#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/table_writer.hpp"

namespace attribution::reports {

namespace {

// Columns of dirty_buckets in the order of 0017_rollups.sql; the last is awaits.
constexpr int column_count = 4;

constexpr pg_uuid_t none{};

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
    keys_.clear();
}

}  // namespace attribution::reports
