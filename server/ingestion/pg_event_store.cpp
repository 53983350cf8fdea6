#include "server/ingestion/pg_event_store.hpp"

namespace attribution::ingestion {

namespace {

constexpr db::statement ingest_batch{
    "ingest_batch",
    "SELECT status, event_id, code, detail"
    " FROM attribution.ingest_batch(tenant_ids => $1, events => $2) ORDER BY item"};

// The texts with `open` before, commas between and `close` behind them.
template <class Text>
std::string join(std::span<const event_item* const> items, char open, char close, Text text) {
    std::size_t size = 2;
    for (const event_item* item : items) size += text(*item).size() + 1;
    std::string list;
    list.reserve(size);
    list += open;
    for (const event_item* item : items) {
        if (list.size() > 1) list += ',';
        list += text(*item);
    }
    list += close;
    return list;
}

db::call call_for(std::span<const event_item* const> items) {
    const auto tenant_of = [](const event_item& item) -> const std::string& { return item.tenant_id; };
    const auto event_of = [](const event_item& item) -> const std::string& { return item.event; };
    return db::call(ingest_batch, join(items, '{', '}', tenant_of), join(items, '[', ']', event_of));
}

}  // namespace

task<std::vector<stored_item>> pg_event_store::store(std::span<const event_item* const> items) {
    if (connection_ && !connection_->is_alive()) connection_.reset();
    if (!connection_) connection_ = co_await db::connection::open(workers_, options_);
    const db::call call = call_for(items);
    std::vector<db::result> results;
    try {
        results = co_await connection_->transaction(db::as_ingestion, {&call, 1});
    } catch (const db::connection_lost&) {
        connection_.reset();
        throw;
    }
    std::vector<stored_item> stored;
    stored.reserve(items.size());
    const db::result& r = results[0];
    for (int row = 0; row < r.rows(); ++row)
        stored.push_back({std::string(r.text(row, 0)), std::string(r.text(row, 1)),
                          std::string(r.text(row, 2)), std::string(r.text(row, 3))});
    if (stored.size() != items.size())
        throw db::error("XX000", "ingest_batch did not return one row per event");
    co_return stored;
}

}  // namespace attribution::ingestion
