#include "core/credit/sale.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "core/credit/names.hpp"
#include "core/credit/split.hpp"

namespace attribution::credit {

namespace {

// Sums of amounts do not overflow it.
__extension__ using wide = __int128;

constexpr auto kind_names = std::to_array<std::pair<std::string_view, entry_kind>>({
    {"capture", entry_kind::capture},
    {"refund", entry_kind::refund},
    {"chargeback", entry_kind::chargeback},
    {"chargeback_reversal", entry_kind::chargeback_reversal},
    {"adjustment", entry_kind::adjustment},
});

bool is_sale_money(const sale_entry& entry) {
    return entry.kind == entry_kind::capture || entry.kind == entry_kind::adjustment;
}

// Either no shortfall waits, or all balances are 0: between entries both are never there.
class division {
  public:
    division(std::span<const sale_entry> entries, std::span<const double> weights, std::size_t unknown_slot)
        : entries_(entries),
          weights_(weights),
          unknown_slot_(unknown_slot),
          parts_(entries.size() * weights.size()),
          taken_(parts_.size()),
          shortfalls_(entries.size()),
          balances_(weights.size()) {}

    std::vector<std::int64_t> run() {
        for (std::size_t e = 0; e < entries_.size(); ++e) {
            if (entries_[e].amount_minor < 0)
                shortfalls_[e] = take(e, entries_[e].amount_minor);
            else if (entries_[e].amount_minor > 0)
                receive(e);
        }
        for (std::size_t e = 0; e < entries_.size(); ++e) part(e, unknown_slot_) += shortfalls_[e];
        return std::move(parts_);
    }

  private:
    std::int64_t& part(std::size_t e, std::size_t slot) { return parts_[e * weights_.size() + slot]; }
    // What the entry took from the slot and nothing has given back, above 0.
    wide& taken(std::size_t e, std::size_t slot) { return taken_[e * weights_.size() + slot]; }

    [[nodiscard]] bool have_same_key(std::size_t a, std::size_t b) const {
        return entries_[a].money_key == entries_[b].money_key;
    }

    void book(std::size_t e, std::size_t slot, std::int64_t amount) {
        part(e, slot) += amount;
        balances_[slot] +=
            static_cast<whole_weight>(amount);  // a negative one wraps around to the difference
    }

    // Takes what balances there are for a negative amount, and returns what they lack, at most 0.
    std::int64_t take(std::size_t e, std::int64_t amount) {
        const whole_weight all = std::accumulate(balances_.begin(), balances_.end(), whole_weight{0});
        if (all == 0) return amount;
        const auto taken_now = static_cast<std::int64_t>(std::max<wide>(amount, -static_cast<wide>(all)));
        const auto divided = split_amount(taken_now, balances_);
        for (std::size_t slot = 0; slot < divided.size(); ++slot) {
            book(e, slot, divided[slot]);
            taken(e, slot) -= divided[slot];
        }
        return amount - taken_now;
    }

    void receive(std::size_t e) {
        std::int64_t left = entries_[e].amount_minor;
        if (!is_sale_money(entries_[e])) {
            const auto same_key = [&](std::size_t other) { return have_same_key(e, other); };
            const auto any = [](std::size_t) { return true; };
            left -= give_back(e, left, same_key);
            left -= give_back(e, left, any);
            left -= end_shortfalls(e, left, same_key);
            left -= end_shortfalls(e, left, any);
        }
        if (left > 0) {
            const auto divided = split_amount(left, weights_);
            for (std::size_t slot = 0; slot < divided.size(); ++slot) book(e, slot, divided[slot]);
        }
        for (std::size_t waiting = 0; waiting < e; ++waiting)
            if (shortfalls_[waiting] < 0) shortfalls_[waiting] = take(waiting, shortfalls_[waiting]);
    }

    // Returns how much of the amount went back to where the chosen ones of the entries before took it.
    template <class choice>
    std::int64_t give_back(std::size_t e, std::int64_t amount, choice is_chosen) {
        std::vector<whole_weight> owed(weights_.size());
        for (std::size_t before = 0; before < e; ++before) {
            if (!is_chosen(before)) continue;
            for (std::size_t slot = 0; slot < owed.size(); ++slot)
                owed[slot] += static_cast<whole_weight>(taken(before, slot));
        }
        const whole_weight all = std::accumulate(owed.begin(), owed.end(), whole_weight{0});
        const auto given =
            static_cast<std::int64_t>(std::min<whole_weight>(static_cast<whole_weight>(amount), all));
        if (given == 0) return 0;
        const auto divided = split_amount(given, owed);
        for (std::size_t slot = 0; slot < divided.size(); ++slot) {
            book(e, slot, divided[slot]);
            wide left = divided[slot];
            for (std::size_t before = 0; before < e && left > 0; ++before) {
                if (!is_chosen(before)) continue;
                const wide settled = std::min(left, taken(before, slot));
                taken(before, slot) -= settled;
                left -= settled;
            }
        }
        return given;
    }

    // Returns how much of the amount the shortfalls of the chosen ones of the entries before needed.
    template <class choice>
    std::int64_t end_shortfalls(std::size_t e, std::int64_t amount, choice is_chosen) {
        std::int64_t left = amount;
        for (std::size_t before = 0; before < e && left > 0; ++before) {
            if (!is_chosen(before)) continue;
            const std::int64_t ended = std::max(shortfalls_[before], -left);
            shortfalls_[before] -= ended;
            part(before, unknown_slot_) += ended;
            part(e, unknown_slot_) -= ended;
            left += ended;
        }
        return amount - left;
    }

    std::span<const sale_entry> entries_;
    std::span<const double> weights_;
    std::size_t unknown_slot_;
    std::vector<std::int64_t> parts_;
    std::vector<wide> taken_;
    std::vector<std::int64_t> shortfalls_;  // of each entry, what waits of it, at most 0
    std::vector<whole_weight> balances_;
};

}  // namespace

std::optional<entry_kind> find_entry_kind(std::string_view name) {
    return find_by_name(kind_names, name);
}

std::vector<std::int64_t> divide_sale(std::span<const sale_entry> entries, std::span<const double> weights,
                                      std::size_t unknown_slot) {
    // Most sales are one capture.
    if (entries.size() == 1 && entries[0].amount_minor >= 0)
        return split_amount(entries[0].amount_minor, weights);
    return division(entries, weights, unknown_slot).run();
}

}  // namespace attribution::credit
