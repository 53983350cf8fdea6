// The sets of one INSERT into attribution_allocations: a set is all parts of one division of a ledger entry
// (tenant, entry, model, revision). Nothing here is given up for being large: a set takes 80 bytes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extension/src/compat.hpp"

namespace attribution::allocations {

// Sums of bigints cannot overflow it.
__extension__ using wide = __int128;

// Three letters; zeros when the value is something else.
using currency_code = std::array<char, 3>;
[[nodiscard]] currency_code read_currency(Datum value);

// A row of the statement.
struct part {
    const pg_uuid_t* tenant;
    const pg_uuid_t* entry;
    std::string_view model;
    std::int32_t revision;
    std::int64_t amount_minor;
    currency_code currency;
};

struct allocation_set {
    pg_uuid_t tenant;
    pg_uuid_t entry;
    std::uint32_t model;  // its place in model_names()
    std::int32_t revision;
    wide total_minor;
    currency_code currency;
    bool has_other_currency;
    bool has_positive;
    bool has_negative;
};

class set_collector {
  public:
    // Parts of one set are usually neighbours.
    void add(const part& p);

    // Ends the collection: one element for each set, by tenant, entry, name of the model and revision. All
    // who make sets lock them in this order.
    [[nodiscard]] const std::vector<allocation_set>& finish();
    [[nodiscard]] const std::vector<std::string>& model_names() const { return model_names_; }

  private:
    [[nodiscard]] std::uint32_t place_of(std::string_view model);

    std::vector<allocation_set> sets_;
    std::vector<std::string> model_names_;
    std::map<std::string, std::uint32_t, std::less<>> places_;
};

[[nodiscard]] bool is_same_entry(const allocation_set& a, const allocation_set& b);

// For entry_walk: entries of sorted sets, up to the last of the first one's tenant.
struct entries_ahead {
    std::span<const allocation_set> sets;
    const pg_uuid_t& operator()(int sets_ahead) const;
};

}  // namespace attribution::allocations
