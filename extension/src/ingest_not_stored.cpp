// What a call did not store as new: repeats of a delivery key, events whose money is booked in another
// currency, dead letters, what is only counted, and events of tenants that there are not.

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <tuple>
#include <utility>

#include "core/errors.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/ingest_rows.hpp"
#include "extension/src/ingest_run.hpp"
#include "extension/src/ingest_statements.hpp"
#include "extension/src/uuid_v7.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

namespace attribution::ingest {

namespace {

Datum text_array(Datum* texts, std::size_t count) {
    return PointerGetDatum(construct_array(texts, static_cast<int>(count), TEXTOID, -1, false, TYPALIGN_INT));
}

Datum uuid_array(Datum* ids, std::size_t count) {
    return PointerGetDatum(
        construct_array(ids, static_cast<int>(count), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

Datum* new_datums(std::size_t count) {
    return static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
}

Jsonb* with_name(const char* name, JsonbValue value) {
    JsonbParseState* state = nullptr;
    pushJsonbValue(&state, WJB_BEGIN_OBJECT, nullptr);
    JsonbValue key;
    key.type = jbvString;
    key.val.string.val = pstrdup(name);
    key.val.string.len = static_cast<int>(std::strlen(name));
    pushJsonbValue(&state, WJB_KEY, &key);
    pushJsonbValue(&state, WJB_VALUE, &value);
    return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, nullptr));
}

// What of a dead letter is kept: {"event": …}, which can be tried again, or {"facts": …}, for people. Of what
// was refused as invalid nothing, since nobody has looked at it; nor of what may be forged.
Jsonb* kept_payload(const item& dead) {
    const event& event = dead.event;
    if (dead.is_forged) return nullptr;
    if (event.rejected_event != nullptr) return with_name("event", *event.rejected_event);
    if (event.rejected_facts != nullptr) return with_name("facts", *event.rejected_facts);
    if (event.refusal) return nullptr;
    if (dead.status == outcome::dead_lettered) return with_name("event", event.element);
    return with_name("facts", jsonb_root(stored_payload(event.head)));
}

}  // namespace

// Their keys are taken, by rows that a new snapshot sees, or their money is booked in another currency.
void run::settle_not_stored(const std::vector<item*>& rest) {
    require_tenants();
    call([&] {
        Datum* tenants = new_datums(rest.size());
        Datum* sources = new_datums(rest.size());
        Datum* keys = new_datums(rest.size());
        for (std::size_t i = 0; i < rest.size(); ++i) {
            tenants[i] = UUIDPGetDatum(&rest[i]->tenant);
            sources[i] = make_text(rest[i]->event.delivery.source);
            keys[i] = make_text(rest[i]->event.delivery.key);
        }
        const std::array types{Oid{UUIDARRAYOID}, Oid{TEXTARRAYOID}, Oid{TEXTARRAYOID}};
        std::array values{uuid_array(tenants, rest.size()), text_array(sources, rest.size()),
                          text_array(keys, rest.size())};
        find_events.execute(types, values);
        for (std::uint64_t row = 0; row < SPI_processed; ++row) {
            item& found = *rest[static_cast<std::size_t>(DatumGetInt64(result(row, 1)) - 1)];
            const bytea* digest = DatumGetByteaPP(result(row, 3));
            found.id = *DatumGetUUIDP(result(row, 2));
            std::memcpy(found.stored_digest.data(), VARDATA_ANY(digest), found.stored_digest.size());
            found.status = outcome::duplicate;
        }
        SPI_freetuptable(SPI_tuptable);
    });
    std::vector<item*> unknown;
    for (item* item : rest) {
        if (item->status == outcome::duplicate) {
            settle_repeat(*item, *item);
        } else {
            unknown.push_back(item);
        }
    }
    if (!unknown.empty()) settle_by_currency(unknown);
}

void run::settle_by_currency(const std::vector<item*>& rest) {
    std::vector<std::pair<item*, const money_state*>> asked;
    for (item* item : rest) {
        for (const money_state& state : booked_states(*item)) asked.emplace_back(item, &state);
    }
    call([&] {
        Datum* tenants = new_datums(asked.size());
        std::array<Datum*, 3> columns{new_datums(asked.size()), new_datums(asked.size()),
                                      new_datums(asked.size())};
        for (std::size_t i = 0; i < asked.size(); ++i) {
            tenants[i] = UUIDPGetDatum(&asked[i].first->tenant);
            columns[0][i] = make_text(asked[i].second->money_key);
            columns[1][i] = make_text(asked[i].second->kind);
            columns[2][i] = make_text(asked[i].second->currency);
        }
        const std::array types{Oid{UUIDARRAYOID}, Oid{TEXTARRAYOID}, Oid{TEXTARRAYOID}, Oid{TEXTARRAYOID}};
        std::array values{uuid_array(tenants, asked.size()), text_array(columns[0], asked.size()),
                          text_array(columns[1], asked.size()), text_array(columns[2], asked.size())};
        find_currencies.execute(types, values);
        for (std::uint64_t row = 0; row < SPI_processed; ++row) {
            const auto& [item, state] = asked[static_cast<std::size_t>(DatumGetInt64(result(row, 1)) - 1)];
            if (item->status != outcome::pending) continue;
            item->settle(outcome::dead_lettered, "RA004",
                         psprintf("Money key %.*s (%s) is booked in %s, this event says %.*s.",
                                  static_cast<int>(state->money_key.size()), state->money_key.data(),
                                  state->kind, text_to_cstring(DatumGetTextPP(result(row, 2))),
                                  static_cast<int>(state->currency.size()), state->currency.data()));
        }
        SPI_freetuptable(SPI_tuptable);
        for (const item* item : rest) {
            if (item->status != outcome::pending) continue;
            ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                            errmsg("could not see the delivery that took this key"),
                            errdetail("A concurrent transaction stored it, or changed what it depends on."),
                            errhint("Retry the transaction.")));
        }
    });
}

// Sorted against deadlocks, as all that a statement locks.
void run::count_ignored() {
    struct counted {
        const item* first;
        std::int64_t deliveries;
    };
    std::map<std::array<std::string_view, 4>, counted> counts;
    for (const item& item : items_) {
        if (item.status != outcome::ignored) continue;
        const std::array what{item.tenant_bytes(), item.event.delivery.source, item.event.delivery.topic,
                              std::string_view(item.event.ignored)};
        ++counts.try_emplace(what, counted{&item, 0}).first->second.deliveries;
    }
    if (counts.empty()) return;
    require_tenants();
    call([&] {
        row_array rows("ignored_row", static_cast<int>(counts.size()));
        for (const auto& [what, count] : counts) {
            rows.uuid(count.first->tenant).text(what[1]).text(what[2]).text(what[3]).big(count.deliveries);
            rows.end_row();
        }
        const std::array types{rows.array_type()};
        std::array values{rows.finish()};
        add_ignored.execute(types, values);
    });
}

// Sorted against deadlocks; equal ones become one row, since a statement cannot touch a row twice.
void run::insert_dead_letters() {
    std::vector<item*> dead;
    for (item& item : items_) {
        if (item.code != nullptr) dead.push_back(&item);
    }
    if (dead.empty()) return;
    const auto key = [](const item* i) {
        return std::tuple{i->tenant_bytes(), i->event.delivery.source, i->event.delivery.key,
                          i->event.delivery.digest};
    };
    std::stable_sort(dead.begin(), dead.end(), [&](const item* a, const item* b) { return key(a) < key(b); });
    std::vector<std::pair<std::size_t, std::size_t>> groups;  // first, count
    for (std::size_t i = 0; i < dead.size(); ++i) {
        if (i > 0 && key(dead[i]) == key(dead[i - 1])) {
            ++groups.back().second;
        } else {
            groups.emplace_back(i, 1);
        }
    }
    require_tenants();
    std::vector<pg_uuid_t> ids(groups.size());
    for (pg_uuid_t& id : ids) id = next_uuid_v7();
    call([&] {
        row_array rows("dead_row", static_cast<int>(groups.size()));
        for (std::size_t g = 0; g < groups.size(); ++g) {
            const item& item = *dead[groups[g].first];
            const delivery& delivery = item.event.delivery;
            rows.uuid(item.tenant).uuid(ids[g]).text(delivery.source).text(delivery.key);
            rows.bytes(delivery.digest)
                .text(item.code)
                .text(item.detail)
                .text(delivery.topic)
                .text(delivery.endpoint_id)
                .uuid(delivery.correlation_id);
            rows.big(item.event.body_length).document(kept_payload(item));
            rows.integer(static_cast<int>(groups[g].second)).end_row();
        }
        const std::array types{rows.array_type()};
        std::array values{rows.finish()};
        store_dead_letters.execute(types, values);
        if (SPI_processed != groups.size()) elog(ERROR, "a dead letter was not stored");
        for (std::size_t g = 0; g < groups.size(); ++g) {
            for (std::size_t i = groups[g].first; i < groups[g].first + groups[g].second; ++i) {
                if (dead[i]->status == outcome::dead_lettered) dead[i]->id = *DatumGetUUIDP(result(g, 1));
            }
        }
        SPI_freetuptable(SPI_tuptable);
    });
}

// Whatever became of their events.
void run::require_tenants() {
    std::map<std::string_view, const pg_uuid_t*> unsure;
    for (const pg_uuid_t& tenant : tenants_) {
        if (!active_.contains(bytes_of(tenant))) unsure.emplace(bytes_of(tenant), &tenant);
    }
    if (unsure.empty()) return;
    const auto found = call([&] {
        Datum* tenants = new_datums(unsure.size());
        std::size_t count = 0;
        for (const auto& [bytes, tenant] : unsure) tenants[count++] = UUIDPGetDatum(tenant);
        const std::array types{Oid{UUIDARRAYOID}};
        std::array values{uuid_array(tenants, count)};
        count_active_tenants.execute(types, values);
        const std::int64_t active = DatumGetInt64(result(0, 1));
        SPI_freetuptable(SPI_tuptable);
        return static_cast<std::size_t>(active);
    });
    if (found != unsure.size()) {
        throw error(unknown_tenant, "tenant is unknown or not active", "No active tenant has this id.",
                    "Create it with attribution.create_tenant(), or set its status to active.");
    }
    for (const auto& [bytes, tenant] : unsure) active_.insert(bytes);
}

}  // namespace attribution::ingest
