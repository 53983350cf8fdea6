#include "server/ingestion/endpoint_cache.hpp"

namespace attribution::ingestion {

std::optional<std::shared_ptr<const endpoint>> endpoint_cache::find(std::string_view id,
                                                                    clock::time_point now) const {
    const auto at = entries_.find(id);
    if (at == entries_.end() || at->second.expires <= now) return std::nullopt;
    return at->second.found;
}

void endpoint_cache::put(std::string_view id, std::shared_ptr<const endpoint> found, clock::time_point now) {
    if (entries_.size() >= options_.capacity && entries_.find(id) == entries_.end()) make_room(now);
    const auto expires = now + (found ? options_.found_for : options_.missing_for);
    entries_.insert_or_assign(std::string(id), entry{std::move(found), expires});
}

// Someone who tries ids fills the cache with misses; then the misses go first.
void endpoint_cache::make_room(clock::time_point now) {
    std::erase_if(entries_, [now](const auto& e) { return e.second.expires <= now; });
    if (entries_.size() < options_.capacity) return;
    std::erase_if(entries_, [](const auto& e) { return e.second.found == nullptr; });
    if (entries_.size() >= options_.capacity) entries_.clear();
}

}  // namespace attribution::ingestion
