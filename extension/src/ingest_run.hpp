// Takes the events of one call to the tables and says what became of each.
#pragma once

#include <map>
#include <set>
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
// and SPI_finish, for tenants that were entered.
class run {
  public:
    run(std::span<const pg_uuid_t> tenants, std::span<item> items) : tenants_(tenants), items_(items) {}
    void settle_all();

  private:
    // A state on its way into the statement, sorted by money and the newest first.
    struct pending_state {
        const item* owner;
        const money_state* state;
        int money_no;
    };

    // An event and the journey it belongs to; a touchpoint with its channel.
    struct journey_step {
        const item* owner;
        pg_uuid_t event_id;
        const occurrence* what;
        std::string_view channel;
    };

    void claim_transmissions();
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
    void insert_transactions(const std::vector<item*>& round);
    void settle_not_stored(const std::vector<item*>& rest);
    void settle_by_currency(const std::vector<item*>& rest);
    void insert_dead_letters();
    void count_ignored();
    [[nodiscard]] const channels::tenant_rules& rules_of(const item& of);
    void require_tenants();

    std::span<const pg_uuid_t> tenants_;  // of the call, also more than once
    std::span<item> items_;
    std::map<std::string_view, channels::tenant_rules> rules_;  // by tenant
    std::set<std::string_view> active_;                         // tenants
};

}  // namespace attribution::ingest
