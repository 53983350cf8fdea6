// Remembers what was found in the database, and what was not, for a short time: a look-up per request would
// cost as much as the request itself.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace attribution::ingestion {

struct cache_options {
    // How long something revoked may still be served, and how long something new may seem unknown to who
    // asked early.
    std::chrono::milliseconds found_for{5'000};
    std::chrono::milliseconds missing_for{5'000};
    std::size_t capacity = 10'000;
};

template <class Value>
class short_cache {
  public:
    using clock = std::chrono::steady_clock;

    explicit short_cache(cache_options bounds) : options_(bounds) {}

    // nullopt: not known, ask the database. nullptr: known to be none.
    std::optional<std::shared_ptr<const Value>> find(std::string_view key, clock::time_point now) const {
        const auto at = entries_.find(key);
        if (at == entries_.end() || at->second.expires <= now) return std::nullopt;
        return at->second.found;
    }

    void put(std::string_view key, std::shared_ptr<const Value> found, clock::time_point now) {
        if (entries_.size() >= options_.capacity && entries_.find(key) == entries_.end()) make_room(now);
        const auto expires = now + (found ? options_.found_for : options_.missing_for);
        entries_.insert_or_assign(std::string(key), entry{std::move(found), expires});
    }

    std::size_t size() const { return entries_.size(); }

  private:
    struct entry {
        std::shared_ptr<const Value> found;
        clock::time_point expires;
    };
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    // Someone who tries keys fills the cache with misses; then the misses go first.
    void make_room(clock::time_point now) {
        std::erase_if(entries_, [now](const auto& e) { return e.second.expires <= now; });
        if (entries_.size() < options_.capacity) return;
        std::erase_if(entries_, [](const auto& e) { return e.second.found == nullptr; });
        if (entries_.size() >= options_.capacity) entries_.clear();
    }

    cache_options options_;
    std::unordered_map<std::string, entry, hash, std::equal_to<>> entries_;
};

}  // namespace attribution::ingestion
