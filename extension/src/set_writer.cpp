#include "extension/src/set_writer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "extension/src/allocation_reason.hpp"
#include "extension/src/guard.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

namespace attribution::allocations {

namespace {

// The newest set of each entry and model. Sets are looked up first: most entries have none yet.
constexpr const char* current_parts = R"sql(
SELECT s.entry_id, s.model_no, s.revision, a.channel, a.campaign, a.amount_minor
  FROM (SELECT DISTINCT ON (h.entry_id, h.model) h.entry_id, h.model, h.revision, m.model_no
          FROM attribution.allocation_sets AS h
          JOIN unnest($3) WITH ORDINALITY AS m (name, model_no) ON m.name = h.model
         WHERE h.tenant_id = $1 AND h.entry_id = ANY ($2)
         ORDER BY h.entry_id, h.model, h.revision DESC) AS s
  JOIN ONLY attribution.attribution_allocations AS a
    ON a.tenant_id = $1 AND a.entry_id = s.entry_id AND a.model = s.model AND a.revision = s.revision)sql";

constexpr const char* insert_parts = R"sql(
INSERT INTO attribution.attribution_allocations (
    tenant_id, entry_id, model, revision, channel, campaign, amount_minor, currency)
SELECT $1, p.entry_id, p.model, p.revision, p.channel, p.campaign, p.amount_minor, p.currency
  FROM unnest($2, $3, $4, $5, $6, $7, $8) AS p (entry_id, model, revision, channel, campaign, amount_minor, currency))sql";

Datum make_text(std::string_view value) {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
}

template <class Range, class ToDatum>
Datum make_array(const Range& values, Oid type, int length, bool by_value, char align, ToDatum to_datum) {
    auto* elements = static_cast<Datum*>(
        MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Datum) * (values.size() + 1)));
    std::transform(values.begin(), values.end(), elements, to_datum);
    return PointerGetDatum(
        construct_array(elements, static_cast<int>(values.size()), type, length, by_value, align));
}

template <class Range, class ToText>
Datum make_texts(const Range& values, ToText to_text) {
    return make_array(values, TEXTOID, -1, false, TYPALIGN_INT,
                      [&](const auto& value) { return make_text(to_text(value)); });
}

Datum column(std::uint64_t row, int number) {
    bool is_null = false;
    return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, &is_null);
}

}  // namespace

bool set_writer::set_key::operator<(const set_key& other) const {
    const int by_entry = std::memcmp(entry.data, other.entry.data, UUID_LEN);
    return by_entry != 0 ? by_entry < 0 : model < other.model;
}

void set_writer::read_current(std::span<const sale> sales) {
    current_.clear();
    std::vector<const pg_uuid_t*> entries;
    for (const sale& one : sales)
        for (const ledger_entry& entry : one.entries) entries.push_back(&entry.id);
    const std::uint64_t rows = call([&] {
        std::array<Oid, 3> types{UUIDOID, UUIDARRAYOID, TEXTARRAYOID};
        std::array<Datum, 3> values{
            tenant_,
            make_array(entries, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR,
                       [](const pg_uuid_t* id) { return UUIDPGetDatum(id); }),
            make_texts(models_, [](const named_model& m) -> std::string_view { return m.name; })};
        if (current_rows_ != nullptr) SPI_freetuptable(current_rows_);
        // Not as a read-only statement: that would not see what this transaction has divided before.
        const int code =
            SPI_execute_with_args(current_parts, 3, types.data(), values.data(), nullptr, false, 0);
        if (code != SPI_OK_SELECT) elog(ERROR, "could not read sets: %s", SPI_result_code_string(code));
        current_rows_ = SPI_tuptable;
        return SPI_processed;
    });
    for (std::uint64_t row = 0; row < rows; ++row) {
        const set_key key{*DatumGetUUIDP(column(row, 1)),
                          static_cast<std::uint32_t>(DatumGetInt64(column(row, 2)) - 1)};
        current_set& set = current_[key];
        set.revision = DatumGetInt32(column(row, 3));
        set.parts.push_back({recipients_.number_of({read_text(column(row, 4)), read_text(column(row, 5))}),
                             DatumGetInt64(column(row, 6))});
    }
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

void set_writer::insert(std::span<const new_part> parts) {
    if (parts.empty()) return;
    call([&] {
        MemoryContext memory =
            AllocSetContextCreate(CurrentMemoryContext, "new sets", ALLOCSET_DEFAULT_SIZES);
        MemoryContext outer = MemoryContextSwitchTo(memory);
        std::array<Oid, 8> types{UUIDOID,      UUIDARRAYOID, TEXTARRAYOID, INT4ARRAYOID,
                                 TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID, TEXTARRAYOID};
        std::array<Datum, 8> values{
            tenant_,
            make_array(parts, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR,
                       [](const new_part& p) { return UUIDPGetDatum(&p.entry); }),
            make_texts(parts, [&](const new_part& p) -> std::string_view { return models_[p.model].name; }),
            make_array(parts, INT4OID, sizeof(int32), true, TYPALIGN_INT,
                       [](const new_part& p) { return Int32GetDatum(p.revision); }),
            make_texts(parts, [&](const new_part& p) { return recipients_.name(p.to).channel; }),
            make_texts(parts, [&](const new_part& p) { return recipients_.name(p.to).campaign; }),
            make_array(parts, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                       [](const new_part& p) { return Int64GetDatum(p.amount_minor); }),
            make_texts(parts, [](const new_part& p) {
                return std::string_view{p.currency.data(), p.currency.size()};
            })};
        const int code =
            SPI_execute_with_args(insert_parts, 8, types.data(), values.data(), nullptr, false, 0);
        if (code != SPI_OK_INSERT) elog(ERROR, "could not make sets: %s", SPI_result_code_string(code));
        MemoryContextSwitchTo(outer);
        MemoryContextDelete(memory);
    });
}

std::int64_t set_writer::write() {
    {
        const reason_scope scope("new_entry");
        insert(first_);
    }
    const reason_scope scope(reason_);
    insert(revised_);
    first_.clear();
    revised_.clear();
    return std::exchange(sets_, 0);
}

}  // namespace attribution::allocations
