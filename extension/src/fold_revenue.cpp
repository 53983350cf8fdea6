// fold_revenue(): buckets of revenue_rollup are made anew, and days of daily_revenue_rollup take what that
// changes. Without the executor, whose look-ups and joins took half of the time.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "extension/src/booked_entries.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/revenue_rollup.hpp"
#include "extension/src/table_columns.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "tcop/utility.h"
#include "utils/date.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
}

namespace attribution::reports {

namespace {

constexpr int time_zone_column = 5;  // of tenants (0001_tenants.sql)

// As PostgreSQL orders UUIDs; with a day.
struct tenant_day {
    pg_uuid_t tenant;
    DateADT day;
    bool operator<(const tenant_day& other) const {
        const int by_tenant = compare_ids(tenant, other.tenant);
        return by_tenant != 0 ? by_tenant < 0 : day < other.day;
    }
};

struct day_change {
    revenue_sums sums;
    bool is_of_stored = false;  // of buckets that the day has already
};
using day_changes = std::map<revenue_key, day_change>;

// What calls PostgreSQL here runs inside call(); what owns something is made outside.
class revenue_fold {
  public:
    void open();
    void fold(const pg_uuid_t& tenant, TimestampTz bucket);
    // Writes the days; those that differences do not suffice for are left.
    void finish();

    [[nodiscard]] bool has_changed() const { return has_changed_; }
    [[nodiscard]] const std::set<tenant_day>& days_to_make() const { return days_to_make_; }

  private:
    void enter(const pg_uuid_t& tenant);
    void find_time_zone();
    [[nodiscard]] DateADT day_of(TimestampTz moment) const;
    void read_entries(TimestampTz bucket);
    void write_bucket(TimestampTz bucket);
    void add_to_day(TimestampTz bucket, const revenue_sums& before, const revenue_sums& now);
    void write_day(const tenant_day& of, const day_changes& more);

    std::optional<booked_entries> entries_;
    std::optional<revenue_rollup> buckets_;
    std::optional<revenue_rollup> days_;
    std::optional<index_lookup> tenants_;
    pg_uuid_t tenant_{};
    Datum time_zone_ = 0;
    revenue_key key_;
    revenue_key day_key_;
    std::map<revenue_key, entry_sums> fresh_;  // of the bucket
    std::map<tenant_day, day_changes> more_;
    std::set<tenant_day> days_to_make_;
    bool has_changed_ = false;
};

void revenue_fold::open() {
    const Oid schema = get_namespace_oid("attribution", false);
    entries_.emplace(schema);
    buckets_.emplace(schema, revenue_rollup::grain::quarter_hour);
    days_.emplace(schema, revenue_rollup::grain::day);
    tenants_.emplace(schema, "tenants", nullptr, std::initializer_list<Oid>{F_UUID_EQ}, GetActiveSnapshot());
}

void revenue_fold::enter(const pg_uuid_t& tenant) {
    if (!is_same(tenant, tenant_)) time_zone_ = 0;
    tenant_ = tenant;
}

// Looked up when a bucket has changed: of a tenant that is not there none does.
void revenue_fold::find_time_zone() {
    if (time_zone_ != 0) return;
    const Datum id = UUIDPGetDatum(&tenant_);
    tenants_->start(&id);
    if (!tenants_->next()) elog(ERROR, "revenue is of no tenant");
    time_zone_ = PointerGetDatum(DatumGetTextPCopy(tenants_->value(time_zone_column)));
}

DateADT revenue_fold::day_of(TimestampTz moment) const {
    const Datum local = DirectFunctionCall2(timestamptz_zone, time_zone_, TimestampTzGetDatum(moment));
    return DatumGetDateADT(DirectFunctionCall1(timestamp_date, local));
}

void revenue_fold::read_entries(TimestampTz bucket) {
    using namespace ledger_column;
    const auto add_told = [&](whole_sum& to, int column) {
        if (!entries_->is_null(column)) to.add(DatumGetInt64(entries_->value(column)));
    };
    fresh_.clear();
    for (entries_->start(tenant_, bucket); entries_->next();) {
        CHECK_FOR_INTERRUPTS();
        key_.sale = entries_->sale_bucket();
        key_.channel = entries_->channel();
        key_.currency = read_text(entries_->value(currency));
        key_.kind = read_text(entries_->value(kind));
        entry_sums& sums = fresh_[key_];
        ++sums.entries;
        if (entries_->is_first_capture()) ++sums.sales;
        sums.amount.add(DatumGetInt64(entries_->value(amount)));
        add_told(sums.tax, tax);
        add_told(sums.shipping, shipping);
        sums.last_booked_at = std::max(sums.last_booked_at, DatumGetTimestampTz(entries_->value(booked_at)));
    }
}

void revenue_fold::add_to_day(TimestampTz bucket, const revenue_sums& before, const revenue_sums& now) {
    has_changed_ = true;
    find_time_zone();
    const tenant_day of{tenant_, day_of(bucket)};
    if (!difference_suffices(before, now)) {
        days_to_make_.insert(of);
        return;
    }
    day_key_ = key_;
    day_key_.sale = key_.sale == bucket ? of.day : day_of(key_.sale);
    day_change& change = more_[of][day_key_];
    add(change.sums, difference(before, now));
    if (before.entries != 0) change.is_of_stored = true;
}

// Nothing that stays as it is is written.
void revenue_fold::write_bucket(TimestampTz bucket) {
    for (buckets_->start(tenant_, bucket); buckets_->next();) {
        buckets_->read_key(key_);
        const revenue_sums before = buckets_->sums();
        const auto found = fresh_.find(key_);
        if (found == fresh_.end()) {
            buckets_->remove(buckets_->place());
            add_to_day(bucket, before, {});
            continue;
        }
        const revenue_sums now = to_sums(found->second);
        fresh_.erase(found);
        if (is_same_sum(before, now)) continue;
        buckets_->update(buckets_->place(), tenant_, bucket, key_, now);
        add_to_day(bucket, before, now);
    }
    for (const auto& [key, sums] : fresh_) {
        key_ = key;
        const revenue_sums now = to_sums(sums);
        buckets_->insert(tenant_, bucket, key_, now);
        add_to_day(bucket, {}, now);
    }
}

void revenue_fold::fold(const pg_uuid_t& tenant, TimestampTz bucket) {
    enter(tenant);
    read_entries(bucket);
    write_bucket(bucket);
}

// A stored bucket that its day does not have was of another day, by rules of the zone that have changed
// since. Other days that they concern are not seen: docs/maintenance.md says when to make all rollups anew.
void revenue_fold::write_day(const tenant_day& of, const day_changes& more) {
    for (const auto& [key, change] : more) {
        if (!days_->find(of.tenant, of.day, key)) {
            if (change.is_of_stored)
                days_to_make_.insert(of);
            else
                days_->insert(of.tenant, of.day, key, change.sums);
            continue;
        }
        revenue_sums all = days_->sums();
        add(all, change.sums);
        days_->update(days_->place(), of.tenant, of.day, key, all);
    }
}

void revenue_fold::finish() {
    for (const auto& [day, more] : more_) {
        CHECK_FOR_INTERRUPTS();
        if (!days_to_make_.contains(day)) write_day(day, more);
    }
    tenants_->close();
    days_->close();
    buckets_->close();
    entries_->close();
}

// changed, and the days to be made anew.
Datum make_result(FunctionCallInfo fcinfo, const revenue_fold& done) {
    TupleDesc result = nullptr;
    if (get_call_result_type(fcinfo, nullptr, &result) != TYPEFUNC_COMPOSITE) elog(ERROR, "not a row");
    const std::size_t count = done.days_to_make().size();
    auto* tenants = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
    auto* days = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
    std::size_t i = 0;
    for (const tenant_day& each : done.days_to_make()) {
        tenants[i] = UUIDPGetDatum(&each.tenant);
        days[i++] = DateADTGetDatum(each.day);
    }
    std::array<Datum, 3> values{BoolGetDatum(done.has_changed()),
                                PointerGetDatum(construct_array(tenants, static_cast<int>(count), UUIDOID,
                                                                UUID_LEN, false, TYPALIGN_CHAR)),
                                PointerGetDatum(construct_array(days, static_cast<int>(count), DATEOID,
                                                                sizeof(DateADT), true, TYPALIGN_INT))};
    std::array<bool, 3> nulls{};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(result), values.data(), nulls.data()));
}

// Arguments: tenant_ids, buckets; no pair twice.
Datum fold_revenue(FunctionCallInfo fcinfo) {
    revenue_fold fold;
    return call([&] {
        PreventCommandIfReadOnly("fold_revenue()");
        const std::span<const Datum> tenants = read_array(PG_GETARG_DATUM(0));
        const std::span<const Datum> buckets = read_array(PG_GETARG_DATUM(1));
        if (tenants.size() != buckets.size()) elog(ERROR, "fold_revenue() takes a tenant for each bucket");
        fold.open();
        for (std::size_t i = 0; i < buckets.size(); ++i)
            fold.fold(*DatumGetUUIDP(tenants[i]), DatumGetTimestampTz(buckets[i]));
        fold.finish();
        return make_result(fcinfo, fold);
    });
}

}  // namespace

}  // namespace attribution::reports

ATTRIBUTION_FUNCTION(attribution_fold_revenue) {
    return attribution::guard([&] { return attribution::reports::fold_revenue(fcinfo); });
}
