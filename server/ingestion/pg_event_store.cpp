#include "server/ingestion/pg_event_store.hpp"

namespace attribution::ingestion {

namespace {

constexpr db::statement ingest_events{
    "ingest_events",
    "SELECT status, event_id, code, detail"
    " FROM attribution.ingest_events(tenant_id => $1, events => $2) ORDER BY item"};

// Items of one tenant stand next to each other.
std::size_t end_of_tenant(std::span<const event_item* const> items, std::size_t from) {
    std::size_t end = from;
    while (end < items.size() && items[end]->tenant_id == items[from]->tenant_id) ++end;
    return end;
}

std::string join(std::span<const event_item* const> items) {
    std::size_t size = 2;
    for (const event_item* item : items) size += item->event.size() + 1;
    std::string array;
    array.reserve(size);
    array += '[';
    for (const event_item* item : items) {
        if (array.size() > 1) array += ',';
        array += item->event;
    }
    array += ']';
    return array;
}

std::vector<db::call> calls_for(std::span<const event_item* const> items) {
    std::vector<db::call> calls;
    for (std::size_t from = 0; from < items.size();) {
        const std::size_t end = end_of_tenant(items, from);
        calls.emplace_back(ingest_events, items[from]->tenant_id, join(items.subspan(from, end - from)));
        from = end;
    }
    return calls;
}

}  // namespace

task<std::vector<stored_item>> pg_event_store::store(std::span<const event_item* const> items) {
    if (connection_ && !connection_->is_alive()) connection_.reset();
    if (!connection_) connection_ = co_await db::connection::open(workers_, options_);
    const std::vector<db::call> calls = calls_for(items);
    std::vector<db::result> results;
    try {
        results = co_await connection_->transaction(db::as_ingestion, calls);
    } catch (const db::connection_lost&) {
        connection_.reset();
        throw;
    }
    std::vector<stored_item> stored;
    stored.reserve(items.size());
    for (const db::result& r : results) {
        for (int row = 0; row < r.rows(); ++row)
            stored.push_back({std::string(r.text(row, 0)), std::string(r.text(row, 1)),
                              std::string(r.text(row, 2)), std::string(r.text(row, 3))});
    }
    if (stored.size() != items.size())
        throw db::error("XX000", "ingest_events did not return one row per event");
    co_return stored;
}

}  // namespace attribution::ingestion
