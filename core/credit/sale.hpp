// Divides all entries of one sale, in one currency, over the slots that share in it, exactly. A slot is
// whatever revenue is credited to, a channel say; here it is only a number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace attribution::credit {

enum class entry_kind : std::uint8_t { capture, refund, chargeback, chargeback_reversal, adjustment };

// As SQL names them: "chargeback_reversal". nullopt when there is no such kind.
std::optional<entry_kind> find_entry_kind(std::string_view name);

struct sale_entry {
    std::int64_t amount_minor = 0;
    entry_kind kind = entry_kind::capture;
    std::string_view money_key;  // compared only: what comes back goes where the same money was taken from
};

// The parts of each entry: of entry e and slot s at [e * weights.size() + s]. Entries come in the order of
// (occurred_at, kind, money key), and are divided one after the other; each slot has a balance, what it
// still has of the sale:
//
// - A capture or an adjustment above 0 is sale money: it is divided by the weights.
// - A negative entry of any kind takes from all slots in proportion to their balances. What they do not have
//   is a shortfall, which waits: as soon as there are balances again it takes from them, before any later
//   entry does, and its parts stand in the entry that was short.
// - Any other positive entry (a refund that failed, a dispute that was won) gives back to the slots in
//   proportion to what entries of the same money_key took from them and nothing has given back; what is
//   above that, in proportion to what any entries took. What is above that as well ends shortfalls, those of
//   the same money_key first: both the shortfall and what ended it stand on unknown_slot. Still more is
//   divided as sale money.
// - Shortfalls that still wait at the end stand on unknown_slot.
//
// So the parts of an entry add up to it and have its sign or are 0; once all entries add up to 0, or to more,
// so does each slot; and while the entries up to each one add up to at least 0, no slot is ever below.
//
// Weights are those of split_amount, whose errors are thrown; unknown_slot is one of their places.
std::vector<std::int64_t> divide_sale(std::span<const sale_entry> entries, std::span<const double> weights,
                                      std::size_t unknown_slot);

}  // namespace attribution::credit
