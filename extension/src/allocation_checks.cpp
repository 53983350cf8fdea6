// What a set refers to: its model, which must not change any more, and its ledger entry, which it must equal.

#include "extension/src/allocation_checks.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "core/errors.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/key_scan.hpp"
#include "extension/src/subtransaction.hpp"
#include "extension/src/table_columns.hpp"

extern "C" {
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "utils/fmgroids.h"
}

namespace attribution::allocations {

namespace {

std::string text_of(const pg_uuid_t& id) {
    constexpr const char* digits = "0123456789abcdef";
    std::string text;
    for (int i = 0; i < UUID_LEN; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[id.data[i] >> 4U];
        text += digits[id.data[i] & 15U];
    }
    return text;
}

std::string text_of(wide number) {
    const bool is_negative = number < 0;
    std::string text;
    do {
        const int digit = static_cast<int>(number % 10);
        text += static_cast<char>('0' + (is_negative ? -digit : digit));
        number /= 10;
    } while (number != 0);
    if (is_negative) text += '-';
    std::reverse(text.begin(), text.end());
    return text;
}

std::string text_of(const currency_code& currency) {
    const bool is_code =
        std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    return is_code ? std::string(currency.data(), currency.size()) : "in no currency";
}

struct model_key {
    pg_uuid_t tenant;
    std::uint32_t model;
};

// By tenant and name: all who lock them do so in this order.
std::vector<model_key> models_of(const statement_sets& of) {
    std::vector<std::uint32_t> by_name(of.model_names.size());
    std::iota(by_name.begin(), by_name.end(), 0);
    std::sort(by_name.begin(), by_name.end(),
              [&](std::uint32_t a, std::uint32_t b) { return of.model_names[a] < of.model_names[b]; });
    std::vector<model_key> models;
    std::vector<bool> used(by_name.size());
    for (std::size_t i = 0; i < of.sets.size(); ++i) {
        const pg_uuid_t& tenant = of.sets[i].tenant;
        used[of.sets[i].model] = true;
        if (i + 1 < of.sets.size() && is_same(of.sets[i + 1].tenant, tenant)) continue;
        for (const std::uint32_t model : by_name) {
            if (used[model]) models.push_back({tenant, model});
        }
        used.assign(used.size(), false);
    }
    return models;
}

// False when the row is gone.
bool lock_row(Relation table, key_scan& found) {
    TM_FailureData failure;
    ItemPointerData place = found.row()->tts_tid;
    return table_tuple_lock(table, &place, found.snapshot(), found.row(), GetCurrentCommandId(false),
                            LockTupleKeyShare, LockWaitBlock,
                            TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS | TUPLE_LOCK_FLAG_FIND_LAST_VERSION,
                            &failure) == TM_Ok;
}

// What the current subtransaction has locked: the locks last as long as it, so the next statement of a loop
// need not look. A model that its own transaction deletes is not missed: it may be deleted after the last set
// as well.
class locked_models {
  public:
    void enter(Oid schema) {
        if (mark_.is_that_of_last_call() && schema == schema_ && keys_.size() < most) return;
        keys_.clear();
        schema_ = schema;
    }
    [[nodiscard]] bool has(const pg_uuid_t& tenant, std::string_view model) const {
        return std::any_of(keys_.begin(), keys_.end(), [&](const auto& key) {
            return is_same(key.first, tenant) && key.second == model;
        });
    }
    [[nodiscard]] bool has_all(const statement_sets& of) const {
        const allocation_set* before = nullptr;
        return std::all_of(of.sets.begin(), of.sets.end(), [&](const allocation_set& set) {
            const bool is_new =
                before == nullptr || before->model != set.model || !is_same(before->tenant, set.tenant);
            before = &set;
            return !is_new || has(set.tenant, of.model_names[set.model]);
        });
    }
    void add(const pg_uuid_t& tenant, std::string_view model) { keys_.emplace_back(tenant, model); }

  private:
    static constexpr std::size_t most = 100;
    Oid schema_ = InvalidOid;
    subtransaction_mark mark_;
    std::vector<std::pair<pg_uuid_t, std::string>> keys_;
};

locked_models locked;

struct ledger_row {
    std::int64_t amount_minor = 0;
    currency_code currency{};
};

bool has_wrong_sign(const allocation_set& set, const ledger_row& entry) {
    return entry.amount_minor > 0 ? set.has_negative : set.has_positive;
}

bool equals(const allocation_set& set, const ledger_row& entry) {
    return set.total_minor == entry.amount_minor && set.currency == entry.currency && !set.has_other_currency;
}

[[noreturn]] void refuse(const statement_sets& of, const allocation_set& set, const ledger_row& entry) {
    if (equals(set, entry)) {
        throw error(invalid_amount, "a part of a set has the other sign",
                    describe(of, set) + ": all parts of an entry of " + text_of(wide{entry.amount_minor}) +
                        " must have its sign or be 0.",
                    "Divide the amount with attribution.split_amount().");
    }
    const std::string found = set.has_other_currency ? "in several currencies" : text_of(set.currency);
    throw error(
        allocation_sum_mismatch, "the allocations of a set are not its ledger entry",
        describe(of, set) + ": expected " + text_of(wide{entry.amount_minor}) + " " +
            text_of(entry.currency) + ", found " + text_of(set.total_minor) + " " + found + ", difference " +
            text_of(set.total_minor - entry.amount_minor) + ".",
        "Insert all parts of a set in one statement; attribution.split_amount() makes parts that add up.");
}

}  // namespace

std::string describe(const statement_sets& of, const allocation_set& set) {
    return "Entry " + text_of(set.entry) + ", model " + of.model_names[set.model] + ", revision " +
           std::to_string(set.revision);
}

void lock_models(const statement_sets& of) {
    locked.enter(of.schema);
    if (locked.has_all(of)) return;
    std::vector<model_key> models = models_of(of);
    std::erase_if(models,
                  [&](const model_key& key) { return locked.has(key.tenant, of.model_names[key.model]); });
    const bool all_defined = call([&] {
        Relation table = open_table(of.schema, "attribution_models", RowShareLock);
        key_scan scan(table);
        scan.compare(1, BTEqualStrategyNumber, F_UUID_EQ);
        scan.compare(2, BTEqualStrategyNumber, F_TEXTEQ);
        bool found = true;
        for (const model_key& key : models) {
            const std::array values{UUIDPGetDatum(&key.tenant), make_text(of.model_names[key.model])};
            scan.start(values.data());
            found = scan.next() && lock_row(table, scan);
            if (!found) break;
        }
        scan.close();
        table_close(table, NoLock);
        return found;
    });
    if (!all_defined) {
        throw error("23503", "the model is not defined", "A set names a model that its tenant does not have.",
                    "Define it: SELECT attribution.define_model(tenant_id => …, name => …, rule => …).");
    }
    for (const model_key& key : models) locked.add(key.tenant, of.model_names[key.model]);
}

void compare_with_ledger(const statement_sets& of, reports::dirty_buckets& touched) {
    ledger_row entry;
    bool is_booked = true;
    const allocation_set* wrong = call([&]() -> const allocation_set* {
        Relation table = open_table(of.schema, "revenue_ledger", AccessShareLock);
        entry_walk ledger(table);
        for (std::size_t i = 0; i < of.sets.size(); ++i) {
            CHECK_FOR_INTERRUPTS();
            const allocation_set& set = of.sets[i];
            if (i == 0 || !is_same_entry(of.sets[i - 1], set)) {
                is_booked = ledger.find(set.tenant, set.entry, entries_ahead{of.sets.subspan(i)});
                if (!is_booked) return &set;
                entry = {DatumGetInt64(ledger.value(ledger_column::amount)),
                         read_currency(ledger.value(ledger_column::currency))};
                touched.add(set.tenant, reports::allocations,
                            DatumGetTimestampTz(ledger.value(ledger_column::bucket_start)));
            }
            if (!equals(set, entry) || has_wrong_sign(set, entry)) return &set;
        }
        ledger.close();
        table_close(table, NoLock);
        return nullptr;
    });
    if (wrong == nullptr) return;
    if (is_booked) refuse(of, *wrong, entry);
    throw error("23503", "there is no such ledger entry",
                describe(of, *wrong) + ": the tenant's ledger has no such entry.",
                "Divide entries of attribution.revenue_ledger, each for the tenant that it belongs to.");
}

}  // namespace attribution::allocations
