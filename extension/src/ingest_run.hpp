// Takes the events of one call to the tables and says what became of each.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "extension/src/channel_cache.hpp"
#include "extension/src/ingest_item.hpp"

namespace attribution::ingest {

// Evidence speaks of money that somebody else books.
inline std::span<const money_state> booked_states(const item& of) {
    if (!of.event.delivery.books_revenue) return {};
    return of.event.states;
}

// Stores what is new, finds what repeats, and dead-letters the rest: settles every item. Between SPI_connect
// and SPI_finish, for the tenant that was entered.
class run {
  public:
    run(const pg_uuid_t& tenant, std::span<item> items) : tenant_(tenant), items_(items) {}
    void settle_all();

  private:
    // A state on its way into the statement, sorted by money and the newest first.
    struct pending_state {
        const item* owner;
        const money_state* state;
        int money_no;
    };

    // An event and the journey it belongs to.
    struct journey_step {
        pg_uuid_t event_id;
        std::string_view journey_id;
    };

    void settle_without_event();
    [[nodiscard]] std::vector<item*> next_round();
    void settle_repeat(item& repeat, const item& first);
    void store(std::vector<item*>& round);
    [[nodiscard]] static item& find_item(const std::vector<item*>& round, const pg_uuid_t& id);
    [[nodiscard]] static std::vector<pending_state> sorted_states(const std::vector<item*>& round);
    void insert_events(const std::vector<item*>& round, const std::vector<pending_state>& states);
    void settle_families(const std::vector<item*>& round, const std::vector<pending_state>& states);
    void insert_touchpoints(const std::vector<item*>& round, std::vector<journey_step>& journeys);
    void insert_journeys(const std::vector<journey_step>& journeys);
    void settle_not_stored(const std::vector<item*>& rest);
    void settle_by_currency(const std::vector<item*>& rest);
    void insert_dead_letters();
    void count_ignored();
    void require_tenant();

    pg_uuid_t tenant_;
    std::span<item> items_;
    channels::tenant_rules rules_;
    bool tenant_is_active_ = false;
};

}  // namespace attribution::ingest
