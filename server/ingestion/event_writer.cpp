#include "server/ingestion/event_writer.hpp"

#include <numeric>
#include <utility>

namespace attribution::ingestion {

namespace {

constexpr std::string_view unspoken = "The database refuses the event, and the reason why as well.";

// Texts of PostgreSQL itself can quote values.
providers::rejection why(const db::error& e, std::string event) {
    const bool is_ours = find_error_kind(e.sqlstate()) != nullptr && !e.detail().empty();
    return {e.sqlstate(), is_ours ? e.detail() : "PostgreSQL refuses a value of the event.", 0,
            std::move(event), ""};
}

}  // namespace

task<std::vector<stored_item>> event_writer::write(const std::string& tenant_id,
                                                   std::vector<translation> events) {
    std::vector<stored_item> stored(events.size());
    std::vector<std::size_t> open(events.size());
    std::iota(open.begin(), open.end(), std::size_t{0});
    while (!open.empty()) {
        std::vector<settled_item> settled = co_await submit(tenant_id, events, open);
        std::vector<std::size_t> refused;
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (!settled[i].failed) {
                stored[open[i]] = std::move(settled[i].stored);
            } else {
                make_dead_letter(events[open[i]], settled[i].failed);
                refused.push_back(open[i]);
            }
        }
        open = std::move(refused);
    }
    co_return stored;
}

task<std::vector<settled_item>> event_writer::submit(const std::string& tenant_id,
                                                     const std::vector<translation>& events,
                                                     const std::vector<std::size_t>& chosen) {
    std::vector<event_item> items;
    items.reserve(chosen.size());
    for (const std::size_t i : chosen) {
        const providers::event& e = events[i].event;
        items.push_back({tenant_id, e.delivery.source, e.delivery.key, providers::to_json(e)});
    }
    try {
        co_return co_await batcher_.submit(std::move(items));
    } catch (const db::error& e) {
        throw failures_.to_problem(e, events[chosen[0]].event.delivery.correlation_id);
    }
}

// First with the event, so that it can be tried again once the reason is gone; if that is refused as well,
// without, and without the reason in words. Throws http::problem when there is nothing left to leave out, or
// when another try may help.
void event_writer::make_dead_letter(translation& refused, const std::exception_ptr& failed) {
    providers::event& e = refused.event;
    try {
        std::rethrow_exception(failed);
    } catch (const db::error& reason) {
        const bool is_bare = e.rejected && e.rejected->detail == unspoken;
        if (!is_permanent(reason) || is_bare) throw failures_.to_problem(reason, e.delivery.correlation_id);
        log::write(log::level::warn, "dead_lettered", "correlation_id", e.delivery.correlation_id, "code",
                   reason.sqlstate());
        providers::event dead;
        dead.delivery = e.delivery;
        dead.rejected = e.rejected ? providers::rejection{e.rejected->code, std::string(unspoken), 0, "", ""}
                                   : why(reason, providers::to_json(e));
        dead.rejected->length = refused.length;
        e = std::move(dead);
    }
}

}  // namespace attribution::ingestion
