#include "extension/src/allocation_sets.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "extension/src/datum.hpp"

namespace attribution::allocations {

namespace {

void add_up(allocation_set& into, const allocation_set& other) {
    into.total_minor += other.total_minor;
    into.has_other_currency |= other.has_other_currency || other.currency != into.currency;
    into.has_positive |= other.has_positive;
    into.has_negative |= other.has_negative;
}

}  // namespace

bool is_same_entry(const allocation_set& a, const allocation_set& b) {
    return is_same(a.entry, b.entry) && is_same(a.tenant, b.tenant);
}

const pg_uuid_t& entries_ahead::operator()(int sets_ahead) const {
    std::size_t last = std::min(sets.size(), static_cast<std::size_t>(sets_ahead)) - 1;
    while (!is_same(sets[last].tenant, sets.front().tenant)) --last;
    return sets[last].entry;
}

currency_code read_currency(Datum value) {
    const auto* packed = reinterpret_cast<const varlena*>(DatumGetPointer(value));
    currency_code code{};
    if (VARSIZE_ANY_EXHDR(packed) == code.size()) std::memcpy(code.data(), VARDATA_ANY(packed), code.size());
    return code;
}

std::uint32_t set_collector::place_of(std::string_view model) {
    if (!sets_.empty() && model_names_[sets_.back().model] == model) return sets_.back().model;
    const auto known = places_.find(model);
    if (known != places_.end()) return known->second;
    const auto place = static_cast<std::uint32_t>(model_names_.size());
    model_names_.emplace_back(model);
    places_.emplace(model, place);
    return place;
}

void set_collector::add(const part& p) {
    const bool is_positive = p.amount_minor > 0;
    const bool is_negative = p.amount_minor < 0;
    if (!sets_.empty()) {
        allocation_set& last = sets_.back();
        if (last.revision == p.revision && is_same(last.entry, *p.entry) && is_same(last.tenant, *p.tenant) &&
            model_names_[last.model] == p.model) {
            last.total_minor += p.amount_minor;
            last.has_other_currency |= p.currency != last.currency;
            last.has_positive |= is_positive;
            last.has_negative |= is_negative;
            return;
        }
    }
    sets_.push_back({*p.tenant, *p.entry, place_of(p.model), p.revision, p.amount_minor, p.currency, false,
                     is_positive, is_negative});
}

const std::vector<allocation_set>& set_collector::finish() {
    const auto compare = [this](const allocation_set& a, const allocation_set& b) {
        if (const int by_tenant = compare_ids(a.tenant, b.tenant)) return by_tenant;
        if (const int by_entry = compare_ids(a.entry, b.entry)) return by_entry;
        if (a.model != b.model) return model_names_[a.model].compare(model_names_[b.model]);
        return a.revision < b.revision ? -1 : static_cast<int>(a.revision > b.revision);
    };
    const auto is_less = [&](const allocation_set& a, const allocation_set& b) { return compare(a, b) < 0; };
    if (!std::is_sorted(sets_.begin(), sets_.end(), is_less)) std::sort(sets_.begin(), sets_.end(), is_less);
    std::size_t count = 0;
    for (const allocation_set& set : sets_) {
        if (count > 0 && compare(sets_[count - 1], set) == 0) {
            add_up(sets_[count - 1], set);
        } else {
            sets_[count++] = set;
        }
    }
    sets_.resize(count);
    return sets_;
}

}  // namespace attribution::allocations
