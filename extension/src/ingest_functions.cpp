// ingest_event(), ingest_events() and ingest_batch(): arguments to items, items to rows. And same_currency(),
// by which the statement that books notices a currency that changed under it.

#include <algorithm>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/ingest_run.hpp"
#include "extension/src/tenant.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "utils/array.h"
}

namespace attribution::ingest {

namespace {

constexpr int max_items = 10'000;

void require_arguments(FunctionCallInfo fcinfo) {
    if (PG_ARGISNULL(0)) {
        throw error(tenant_required, "no tenant is named", "No tenant_id is given.",
                    "Name the tenant whose events these are.");
    }
    if (PG_ARGISNULL(1)) {
        throw error(invalid_event, "no events are given", "The events are NULL.",
                    "See docs/event_contract.md for their form.");
    }
}

// The tenant of each event.
std::vector<pg_uuid_t> read_tenants(FunctionCallInfo fcinfo) {
    const auto [ids, has_null] = call([&] {
        Datum* elements = nullptr;
        bool* nulls = nullptr;
        int count = 0;
        deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &elements,
                          &nulls, &count);
        return std::pair{std::span{elements, static_cast<std::size_t>(count)},
                         std::any_of(nulls, nulls + count, [](bool is_null) { return is_null; })};
    });
    if (has_null) {
        throw error(tenant_required, "no tenant is named", "An element of tenant_ids is NULL.",
                    "Name the tenant of each event.");
    }
    std::vector<pg_uuid_t> tenants;
    tenants.reserve(ids.size());
    for (const Datum id : ids) tenants.push_back(*DatumGetUUIDP(id));
    return tenants;
}

// In the memory of the call, which SPI_finish frees.
std::span<item> decode(Jsonb* document, bool is_array) {
    const JsonbValue root = jsonb_root(document);
    if (is_array && (!is_jsonb_array(root) || jsonb_array_size(root) > max_items)) {
        throw error(invalid_event, "not a list of events",
                    "events must be an array of at most 10000 elements.",
                    "Give one event as ingest_event(tenant_id, event).");
    }
    std::span<item> items;
    call([&] {
        const int count = is_array ? jsonb_array_size(root) : 1;
        auto* memory = static_cast<item*>(palloc(sizeof(item) * static_cast<std::size_t>(count + 1)));
        for (int i = 0; i < count; ++i) {
            CHECK_FOR_INTERRUPTS();
            new (memory + i) item();
            decode_event(is_array ? jsonb_element(root, i) : root, memory[i].event);
        }
        items = {memory, static_cast<std::size_t>(count)};
    });
    return items;
}

// Columns: item (of ingest_events only), status, event_id, code, detail, booked.
void return_rows(const ReturnSetInfo* into, std::span<const item> items, bool numbered) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const item& item = items[i];
        Datum values[6];
        bool nulls[6] = {
            false, false, item.status == outcome::ignored, item.code == nullptr, item.detail == nullptr,
            false};
        values[0] = Int32GetDatum(static_cast<int32>(i));
        values[1] = CStringGetTextDatum(name(item.status));
        values[2] = UUIDPGetDatum(&item.id);
        values[3] = nulls[3] ? 0 : CStringGetTextDatum(item.code);
        values[4] = nulls[4] ? 0 : CStringGetTextDatum(item.detail);
        values[5] = Int32GetDatum(item.booked);
        const int first = numbered ? 0 : 1;
        tuplestore_putvalues(into->setResult, into->setDesc, values + first, nulls + first);
    }
}

void begin(FunctionCallInfo fcinfo) {
    call([&] {
        InitMaterializedSRF(fcinfo, 0);
        SPI_connect();
    });
}

Datum finish(FunctionCallInfo fcinfo, std::span<const pg_uuid_t> tenants, std::span<item> items,
             bool numbered) {
    run(tenants, items).settle_all();
    call([&] {
        return_rows(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo), items, numbered);
        SPI_finish();
    });
    return Datum{0};
}

Datum ingest(FunctionCallInfo fcinfo, bool is_array) {
    require_arguments(fcinfo);
    const pg_uuid_t tenant = *PG_GETARG_UUID_P(0);
    enter_tenant(tenant);
    Jsonb* events = call([&] { return PG_GETARG_JSONB_P(1); });
    begin(fcinfo);
    const std::span<item> items = decode(events, is_array);
    for (item& item : items) item.tenant = tenant;
    return finish(fcinfo, {&tenant, 1}, items, is_array);
}

// What differs is only whose events these are: for all of them one statement, one plan, one start of it.
Datum ingest_batch(FunctionCallInfo fcinfo) {
    require_arguments(fcinfo);
    const std::vector<pg_uuid_t> tenants = read_tenants(fcinfo);
    const entered_tenants entered(tenants);
    Jsonb* events = call([&] { return PG_GETARG_JSONB_P(1); });
    begin(fcinfo);
    const std::span<item> items = decode(events, true);
    if (items.size() != tenants.size()) {
        throw error(invalid_event, "events and tenants do not match",
                    "tenant_ids must have as many elements as events.", "Name the tenant of each event.");
    }
    for (std::size_t i = 0; i < items.size(); ++i) items[i].tenant = tenants[i];
    return finish(fcinfo, tenants, items, true);
}

std::string_view currency_argument(FunctionCallInfo fcinfo, int argument) {
    text* packed = PG_GETARG_TEXT_PP(argument);
    return {VARDATA_ANY(packed), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))};
}

}  // namespace

}  // namespace attribution::ingest

ATTRIBUTION_FUNCTION(attribution_ingest_events) {
    return attribution::guard([&] { return attribution::ingest::ingest(fcinfo, true); });
}

ATTRIBUTION_FUNCTION(attribution_ingest_event) {
    return attribution::guard([&] { return attribution::ingest::ingest(fcinfo, false); });
}

ATTRIBUTION_FUNCTION(attribution_ingest_batch) {
    return attribution::guard([&] { return attribution::ingest::ingest_batch(fcinfo); });
}

// The statement leaves out events whose money is booked in another currency, as its snapshot shows it. What a
// concurrent transaction booked after that is noticed here, under the row's lock; a retry sees it.
ATTRIBUTION_FUNCTION(attribution_same_currency) {
    return attribution::guard([&]() -> Datum {
        return attribution::call([&]() -> Datum {
            if (attribution::ingest::currency_argument(fcinfo, 0) !=
                attribution::ingest::currency_argument(fcinfo, 1)) {
                ereport(ERROR,
                        (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                         errmsg("could not book because a concurrent transaction chose another currency"),
                         errhint("Retry the transaction.")));
            }
            return PG_GETARG_DATUM(0);
        });
    });
}
