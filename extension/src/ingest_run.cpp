// The order of a call: rounds of events that do not touch each other, each stored by one statement; then the
// dead letters. Nearly every call has one round. What was not stored is judged in ingest_not_stored.cpp.

#include "extension/src/ingest_run.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>
#include <utility>

#include "extension/src/guard.hpp"
#include "extension/src/ingest_rows.hpp"
#include "extension/src/ingest_statements.hpp"
#include "extension/src/uuid_v7.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
}

namespace attribution::ingest {

namespace {

// Within the tenant.
using delivery_identity = std::tuple<std::string_view, std::string_view, std::string_view>;
using money_identity = std::tuple<std::string_view, std::string_view, std::string_view>;

delivery_identity identity(const item& of) {
    return {of.tenant_bytes(), of.event.delivery.source, of.event.delivery.key};
}
money_identity identity(const item& owner, const money_state& of) {
    return {owner.tenant_bytes(), of.money_key, of.kind};
}

bool is_stored(const item& of) {
    return of.status == outcome::created || of.status == outcome::duplicate || of.status == outcome::conflict;
}

// A notice is no visit; what no rule knows is unknown, without a rule.
struct channel_choice {
    std::string_view channel = channels::unknown_channel;
    std::string_view rule;
};

channel_choice choose_channel(const channels::tenant_rules& rules, const occurrence& visit) {
    if (std::strcmp(visit.type, "notice") == 0) return {};
    channels::signals_view signals;
    signals.source = visit.signals.source;
    signals.medium = visit.signals.medium;
    signals.campaign = visit.signals.campaign;
    signals.referrer_host = visit.signals.referrer_host;
    signals.click_id = visit.signals.click_id;
    const channels::rule* found = rules.match(signals);
    if (found == nullptr) return {};
    return {found->channel, found->name};
}

// As the statement that stores them does, but before its snapshot is taken: an erasure holds the table until
// its end, and what it has erased must be seen.
void lock_journeys() {
    const Oid schema = get_namespace_oid("attribution", false);
    LockRelationOid(get_relname_relid("event_journeys", schema), RowExclusiveLock);
}

void add_event(row_array& rows, const item& from, const occurrence& visit, const pg_uuid_t& id, int item_no,
               const channel_choice& choice) {
    const delivery& delivery = from.event.delivery;
    rows.uuid(from.tenant)
        .uuid(id)
        .text(delivery.source)
        .text(delivery.key)
        .small(item_no)
        .text(visit.type)
        .bytes(delivery.digest);
    rows.text(delivery.topic)
        .text(delivery.endpoint_id)
        .uuid(delivery.correlation_id)
        .text(visit.external_id)
        .text(visit.order_ref);
    rows.boolean(!delivery.books_revenue).big(visit.occurred_at).text(choice.channel).text(choice.rule);
    rows.document(stored_payload(visit));
    rows.end_row();
}

}  // namespace

// The item of a round, which is sorted by ids.
item& run::find_item(const std::vector<item*>& round, const pg_uuid_t& id) {
    return **std::lower_bound(round.begin(), round.end(), id, [](const item* a, const pg_uuid_t& b) {
        return std::memcmp(a->id.data, b.data, UUID_LEN) < 0;
    });
}

void run::settle_all() {
    claim_transmissions();
    settle_without_event();
    for (std::vector<item*> round = next_round(); !round.empty(); round = next_round()) store(round);
    count_ignored();
    insert_dead_letters();
    require_tenants();
}

// What is unusable and what is only counted becomes no event.
void run::settle_without_event() {
    for (item& item : items_) {
        const jsonb_refusal& refusal = item.event.refusal;
        if (item.status != outcome::pending) continue;
        if (refusal) {
            item.settle(outcome::dead_lettered, refusal.sqlstate, refusal.detail);
        } else if (item.event.ignored != nullptr) {
            item.settle(outcome::ignored);
        }
    }
}

// The pending items, in their order, that share neither a delivery key nor money in another currency with an
// earlier one of the round. An item whose delivery is stored by now is settled here.
std::vector<item*> run::next_round() {
    std::vector<item*> round;
    if (items_.size() == 1) {
        if (items_.front().status == outcome::pending) round.push_back(&items_.front());
        return round;
    }
    std::map<delivery_identity, const item*> firsts;
    std::map<money_identity, std::string_view> currencies;
    for (item& item : items_) {
        const auto first = firsts.find(identity(item));
        if (item.status != outcome::pending) {
            if (is_stored(item)) firsts.emplace(identity(item), &item);
            continue;
        }
        if (first != firsts.end()) {
            if (is_stored(*first->second)) settle_repeat(item, *first->second);
            continue;
        }
        bool clashes = false;
        for (const money_state& state : booked_states(item)) {
            const auto known = currencies.find(identity(item, state));
            clashes = clashes || (known != currencies.end() && known->second != state.currency);
        }
        firsts.emplace(identity(item), &item);
        if (clashes) continue;
        for (const money_state& state : booked_states(item))
            currencies.emplace(identity(item, state), state.currency);
        round.push_back(&item);
    }
    return round;
}

void run::settle_repeat(item& repeat, const item& first) {
    repeat.id = first.id;
    repeat.stored_digest = first.stored_digest;
    if (repeat.event.delivery.digest == first.stored_digest) {
        repeat.settle(outcome::duplicate);
    } else {
        repeat.settle(outcome::conflict, "RA004",
                      "Another body is stored under this delivery key; the first one stays.");
    }
}

std::vector<run::pending_state> run::sorted_states(const std::vector<item*>& round) {
    std::vector<pending_state> states;
    for (const item* item : round) {
        for (const money_state& state : booked_states(*item)) states.push_back({item, &state, 0});
    }
    // By money, the newest first. Ties after the amount go to the earlier event, so that a call has one
    // outcome.
    std::sort(states.begin(), states.end(), [](const pending_state& a, const pending_state& b) {
        const auto key = [](const pending_state& money, const pending_state& newness) {
            return std::tuple{identity(*money.owner, *money.state), newness.state->version_at,
                              *newness.state->cumulative_minor, money.owner};
        };
        return key(a, b) < key(b, a);
    });
    for (std::size_t i = 1; i < states.size(); ++i) {
        const bool same = identity(*states[i].owner, *states[i].state) ==
                          identity(*states[i - 1].owner, *states[i - 1].state);
        states[i].money_no = states[i - 1].money_no + (same ? 0 : 1);
    }
    return states;
}

void run::store(std::vector<item*>& round) {
    std::sort(round.begin(), round.end(),
              [](const item* a, const item* b) { return identity(*a) < identity(*b); });
    // Ids ascend, so the round is sorted by them too.
    for (item* item : round) item->id = next_uuid_v7();
    const std::vector<pending_state> states = sorted_states(round);
    insert_events(round, states);
    settle_families(round, states);
    std::vector<journey_step> journeys;
    insert_touchpoints(round, journeys);
    insert_journeys(journeys);
    insert_transactions(round);
    std::vector<item*> rest;
    for (item* item : round) {
        if (item->status == outcome::pending) rest.push_back(item);
    }
    if (!rest.empty()) settle_not_stored(rest);
}

void run::insert_events(const std::vector<item*>& round, const std::vector<pending_state>& states) {
    std::vector<channel_choice> choices;
    choices.reserve(round.size());
    for (const item* item : round) choices.push_back(choose_channel(rules_of(*item), item->event.head));
    std::vector<pg_uuid_t> entry_ids(states.size());
    for (pg_uuid_t& id : entry_ids) id = next_uuid_v7();

    call([&] {
        row_array event_rows("event_row", static_cast<int>(round.size()));
        for (std::size_t i = 0; i < round.size(); ++i) {
            add_event(event_rows, *round[i], round[i]->event.head, round[i]->id, 0, choices[i]);
        }
        row_array state_rows("state_row", static_cast<int>(states.size()));
        for (std::size_t i = 0; i < states.size(); ++i) {
            // Of a total nothing is booked here: its row is only made, and held against others.
            const bool is_total = states[i].state->role == money_role::total;
            const money_state& state = *states[i].state;
            state_rows.uuid(states[i].owner->tenant).uuid(states[i].owner->id).uuid(entry_ids[i]);
            state_rows.integer(states[i].money_no);
            state_rows.integer(static_cast<int>(i))
                .text(state.money_key)
                .text(state.kind)
                .currency(state.currency);
            state_rows.big(is_total ? 0 : state.cumulative_minor)
                .big(is_total ? never_told : state.version_at);
            state_rows.big(state.occurred_at);
            state_rows.big(state.tax_minor).big(state.shipping_minor).text(state.parent).end_row();
        }
        if (round.size() == 1 && states.size() <= 1) {
            const std::array types{event_rows.row_type(), state_rows.row_type()};
            std::array values{event_rows.finish_row(), state_rows.finish_row()};
            store_event.execute(types, values, states.empty() ? " n" : nullptr);
        } else {
            const std::array types{event_rows.array_type(), state_rows.array_type()};
            std::array values{event_rows.finish(), state_rows.finish()};
            store_events.execute(types, values);
        }
        for (std::uint64_t row = 0; row < SPI_processed; ++row) {
            item& stored = find_item(round, *DatumGetUUIDP(result(row, 1)));
            if (DatumGetBool(result(row, 2))) {
                ++stored.booked;
            } else {
                stored.settle(outcome::created);
                stored.stored_digest = stored.event.delivery.digest;
            }
        }
        SPI_freetuptable(SPI_tuptable);
    });
    for (const item* item : round) {
        if (item->status == outcome::created) active_.insert(item->tenant_bytes());
    }
}

void run::insert_touchpoints(const std::vector<item*>& round, std::vector<journey_step>& journeys) {
    struct row {
        const item* owner;
        const occurrence* touchpoint;
        int item_no;
        pg_uuid_t id;
        channel_choice choice;
    };
    std::vector<row> rows;
    for (const item* item : round) {
        if (item->status != outcome::created) continue;
        const occurrence& head = item->event.head;
        if (!head.journey_id.empty()) {
            const bool is_touch = std::strcmp(head.type, "touchpoint") == 0;
            const std::string_view channel =
                is_touch ? choose_channel(rules_of(*item), head).channel : std::string_view{};
            journeys.push_back({item, item->id, &head, channel});
        }
        int item_no = 0;
        for (const occurrence& touchpoint : item->event.touchpoints) {
            rows.push_back(
                {item, &touchpoint, ++item_no, next_uuid_v7(), choose_channel(rules_of(*item), touchpoint)});
            if (!touchpoint.journey_id.empty())
                journeys.push_back({item, rows.back().id, &touchpoint, rows.back().choice.channel});
        }
    }
    if (rows.empty()) return;
    call([&] {
        row_array event_rows("event_row", static_cast<int>(rows.size()));
        for (const row& r : rows) add_event(event_rows, *r.owner, *r.touchpoint, r.id, r.item_no, r.choice);
        const std::array types{event_rows.array_type()};
        std::array values{event_rows.finish()};
        store_touchpoints.execute(types, values);
    });
}

void run::insert_journeys(const std::vector<journey_step>& journeys) {
    if (journeys.empty()) return;
    call([&] {
        row_array rows("journey_row", static_cast<int>(journeys.size()));
        for (const journey_step& step : journeys) {
            const bool is_touch = !step.channel.empty();
            rows.uuid(step.owner->tenant).uuid(step.event_id).text(step.what->journey_id);
            rows.big(is_touch ? std::optional(step.what->occurred_at) : std::nullopt).text(step.channel);
            rows.text(is_touch ? step.what->signals.campaign : std::string_view{}).end_row();
        }
        const std::array types{rows.array_type()};
        std::array values{rows.finish()};
        lock_journeys();
        store_journeys.execute_newest(types, values);
    });
}

void run::insert_transactions(const std::vector<item*>& round) {
    std::vector<const item*> paid;
    for (const item* item : round) {
        if (item->status == outcome::created && !item->event.head.transaction_ref.empty())
            paid.push_back(item);
    }
    if (paid.empty()) return;
    call([&] {
        row_array rows("transaction_row", static_cast<int>(paid.size()));
        for (const item* item : paid)
            rows.uuid(item->tenant).uuid(item->id).text(item->event.head.transaction_ref).end_row();
        const std::array types{rows.array_type()};
        std::array values{rows.finish()};
        store_transactions.execute(types, values);
    });
}

const channels::tenant_rules& run::rules_of(const item& of) {
    auto known = rules_.find(of.tenant_bytes());
    if (known == rules_.end()) known = rules_.emplace(of.tenant_bytes(), channels::rules_of(of.tenant)).first;
    return known->second;
}

}  // namespace attribution::ingest
