#include "extension/src/set_writer.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "extension/src/allocation_checks.hpp"
#include "extension/src/allocation_reason.hpp"
#include "extension/src/allocation_sets.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/key_scan.hpp"
#include "extension/src/table_writer.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/namespace.h"
}

namespace attribution::allocations {

namespace {

// Columns of attribution_allocations in the order of 0013_allocations.sql; allocation_sets has the same up to
// revision.
constexpr int model_column = 3;
constexpr int revision_column = 4;
constexpr int channel_column = 5;
constexpr int campaign_column = 6;
constexpr int amount_column = 7;
constexpr int column_count = 8;

bool is_less(const pg_uuid_t& a, const pg_uuid_t& b) {
    return compare_ids(a, b) < 0;
}

// Calls `note(entry, row)` for every row of these entries, which are sorted, in a table whose key begins with
// them.
template <class function>
void read_rows(Oid schema, const char* name, const pg_uuid_t& tenant, std::span<const pg_uuid_t> entries,
               function&& note) {
    Relation table = open_table(schema, name, AccessShareLock);
    entry_walk rows(table);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        CHECK_FOR_INTERRUPTS();
        const auto ahead = [&](int count) -> const pg_uuid_t& {
            return entries[std::min(i + static_cast<std::size_t>(count), entries.size()) - 1];
        };
        for (bool found = rows.find(tenant, entries[i], ahead); found;
             found = rows.next_of(tenant, entries[i]))
            note(entries[i], rows);
    }
    rows.close();
    table_close(table, NoLock);
}

}  // namespace

set_writer::set_writer(const pg_uuid_t& tenant, std::span<const named_model> models, std::string_view reason,
                       recipient_table& recipients)
    : tenant_(tenant),
      models_(models),
      reason_(reason),
      recipients_(recipients),
      schema_(call([] { return get_namespace_oid("attribution", false); })),
      memory_(call([] {
          return AllocSetContextCreate(CurrentMemoryContext, "sets to write", ALLOCSET_DEFAULT_SIZES);
      })) {}

bool set_writer::set_key::operator<(const set_key& other) const {
    const int by_entry = compare_ids(entry, other.entry);
    return by_entry != 0 ? by_entry < 0 : model < other.model;
}

std::optional<std::uint32_t> set_writer::number_of(std::string_view model) const {
    for (std::uint32_t m = 0; m < models_.size(); ++m)
        if (models_[m].name == model) return m;
    return std::nullopt;
}

void set_writer::note_header(const pg_uuid_t& entry, std::string_view model, std::int32_t revision) {
    const auto number = number_of(model);
    if (!number) return;
    std::int32_t& newest = current_[{entry, *number}].revision;
    newest = std::max(newest, revision);
}

void set_writer::note_part(const pg_uuid_t& entry, std::string_view model, std::int32_t revision,
                           const part& one) {
    const auto number = number_of(model);
    if (!number) return;
    current_set& set = current_.at({entry, *number});
    if (set.revision == revision) set.parts.push_back(one);
}

void set_writer::read_current(std::span<const sale> sales) {
    current_.clear();
    entries_.clear();
    for (const sale& one : sales)
        for (const ledger_entry& entry : one.entries) entries_.push_back(entry.id);
    std::sort(entries_.begin(), entries_.end(), is_less);
    call([&] {
        read_rows(schema_, "allocation_sets", tenant_, entries_,
                  [&](const pg_uuid_t& entry, entry_walk& row) {
                      note_header(entry, read_text(row.value(model_column)),
                                  DatumGetInt32(row.value(revision_column)));
                  });
    });
    entries_.clear();
    for (const auto& [key, set] : current_)
        if (entries_.empty() || is_less(entries_.back(), key.entry)) entries_.push_back(key.entry);
    call([&] {
        read_rows(schema_, "attribution_allocations", tenant_, entries_,
                  [&](const pg_uuid_t& entry, entry_walk& row) {
                      note_part(entry, read_text(row.value(model_column)),
                                DatumGetInt32(row.value(revision_column)),
                                {recipients_.number_of({read_text(row.value(channel_column)),
                                                        read_text(row.value(campaign_column))}),
                                 DatumGetInt64(row.value(amount_column))});
                  });
    });
}

void set_writer::add(const sale& divided, const sale_division& by, std::uint32_t model) {
    const auto recipients = by.recipients();
    for (std::size_t e = 0; e < divided.entries.size(); ++e) {
        const auto amounts = by.parts(e);
        parts_.clear();
        for (std::size_t i = 0; i < recipients.size(); ++i) {
            if (amounts[i] == 0) continue;
            parts_.push_back({recipients[i], amounts[i]});
        }
        std::sort(parts_.begin(), parts_.end());
        // `unknown` may be there twice: as a channel that was visited, and for what has no sale.
        for (std::size_t i = 1; i < parts_.size(); ++i) {
            if (parts_[i].to != parts_[i - 1].to) continue;
            parts_[i - 1].amount_minor += parts_[i].amount_minor;
            parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        const ledger_entry& entry = divided.entries[e];
        std::int32_t revision = 1;
        const auto current = current_.find({entry.id, model});
        if (current != current_.end()) {
            std::sort(current->second.parts.begin(), current->second.parts.end());
            if (current->second.parts == parts_) continue;
            revision = current->second.revision + 1;
        }
        ++sets_;
        std::vector<new_part>& into = revision == 1 ? first_ : revised_;
        for (const part& one : parts_)
            into.push_back({entry.id, model, revision, one.to, one.amount_minor, entry.currency});
    }
}

void set_writer::insert(std::vector<new_part>& parts) {
    if (parts.empty()) return;
    std::sort(parts.begin(), parts.end(), [](const new_part& a, const new_part& b) {
        if (const int by_entry = compare_ids(a.entry, b.entry)) return by_entry < 0;
        return std::tie(a.model, a.to) < std::tie(b.model, b.to);
    });
    set_collector collector;
    for (const new_part& p : parts)
        collector.add({&tenant_, &p.entry, models_[p.model].name, p.revision, p.amount_minor, p.currency});
    const statement_sets sets{schema_, collector.finish(), collector.model_names()};
    MemoryContext outer = call([&] {
        MemoryContextReset(memory_);
        return MemoryContextSwitchTo(memory_);
    });
    lock_models(sets);
    compare_with_ledger(sets, touched_);
    make_headers(sets);
    call([&] {
        table_writer target(schema_, "attribution_allocations", parts.size());
        target.write(parts, column_count, [&](Datum* values, const new_part& p) {
            const recipient to = recipients_.name(p.to);
            const std::array<Datum, column_count> row{UUIDPGetDatum(&tenant_),
                                                      UUIDPGetDatum(&p.entry),
                                                      make_text(models_[p.model].name),
                                                      Int32GetDatum(p.revision),
                                                      make_text(to.channel),
                                                      make_text(to.campaign),
                                                      Int64GetDatum(p.amount_minor),
                                                      make_text({p.currency.data(), p.currency.size()})};
            std::copy(row.begin(), row.end(), values);
        });
        target.close();
        MemoryContextSwitchTo(outer);
    });
    parts.clear();
}

std::int64_t set_writer::write() {
    {
        const reason_scope scope("new_entry");
        insert(first_);
    }
    const reason_scope scope(reason_);
    insert(revised_);
    touched_.write(schema_);
    return std::exchange(sets_, 0);
}

}  // namespace attribution::allocations
