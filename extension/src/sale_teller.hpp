// What the ledger and events tell of sales, with their touches.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "extension/src/channel_cache.hpp"
#include "extension/src/table_lookup.hpp"
#include "extension/src/touch_reader.hpp"

namespace attribution::allocations {

// In the order of told_sales(): 0 for NULL, which only some may be.
using sale_row = std::array<Datum, 11>;
constexpr std::size_t external_id_place = 2;
constexpr std::size_t journey_place = 3;
constexpr std::size_t touches_place = 10;

struct booking {
    pg_uuid_t entry;
    pg_uuid_t event;
    std::int64_t amount_minor;
    std::int64_t occurred_at;
    std::string_view money_key;
    std::string_view kind;
    std::string_view currency;
};

// By what events of the same time are put in order, so that the order of arrival does not matter.
struct event_place {
    std::int64_t occurred_at = 0;
    std::string_view source;
    std::string_view delivery_key;
    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
    auto operator<=>(const event_place&) const = default;
};

// Of the sale, by the events that tell of it.
struct telling {
    std::optional<std::int64_t> converted_at;
    std::optional<event_place> journey_told;
    std::string_view journey;
    // Not the direct one, not by evidence; then as rank_channel() says.
    std::optional<std::tuple<bool, bool, std::int64_t, std::string_view, event_place>> channel_told;
    std::string_view channel = channels::unknown_channel;
    std::string_view campaign;
};

// Calls PostgreSQL and owns nothing: buffers and `memory` are the caller's. What is kept of a sale is in
// `memory`, which scans may not use: they outlive the sale. The ledger is looked at first: the event of an
// entry that is seen is seen too.
class sale_teller {
  public:
    struct buffers {
        std::vector<sale_row> rows;
        std::vector<booking> bookings;  // of the last sale
        touch_reader::buffers touches;
    };

    sale_teller(Datum tenant, Oid schema, buffers& into, MemoryContext memory);
    void close();

    // Makes the rows of some sales, those that the ledger has, without their touches, which are in the
    // buffer. What was told of the last ones ends.
    void read(std::span<const Datum> sale_keys);

  private:
    void add(Datum sale_key);
    [[nodiscard]] std::string_view keep(std::string_view text) const;
    [[nodiscard]] std::string_view keep_campaign(Datum payload) const;
    void read_bookings(Datum sale_key);
    [[nodiscard]] const booking* find_beginning();
    void hear(table_lookup& event, telling& told);
    [[nodiscard]] telling hear_all();

    table_lookup ledger_;
    table_lookup events_;
    table_lookup by_order_;
    table_lookup by_reference_;
    table_lookup journeys_;
    touch_reader touches_;
    std::vector<sale_row>& rows_;
    std::vector<booking>& bookings_;
    MemoryContext memory_;
    std::string_view source_;  // of the event that began the sale
    std::optional<std::string_view> external_id_;
};

}  // namespace attribution::allocations
