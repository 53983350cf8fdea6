// Remembers endpoints, and ids that are none, for a short time: a look-up per delivery would cost as much as
// the delivery itself.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/ingestion/gateway.hpp"

namespace attribution::ingestion {

class endpoint_cache {
  public:
    using clock = std::chrono::steady_clock;

    struct options {
        // How long a disabled endpoint may still be served, and how long a new one may seem unknown to who
        // asked early.
        std::chrono::milliseconds found_for{5'000};
        std::chrono::milliseconds missing_for{5'000};
        std::size_t capacity = 10'000;
    };

    explicit endpoint_cache(options bounds) : options_(bounds) {}

    // nullopt: not known, ask the database. nullptr: known to be none.
    std::optional<std::shared_ptr<const endpoint>> find(std::string_view id, clock::time_point now) const;
    void put(std::string_view id, std::shared_ptr<const endpoint> found, clock::time_point now);
    std::size_t size() const { return entries_.size(); }

  private:
    struct entry {
        std::shared_ptr<const endpoint> found;
        clock::time_point expires;
    };
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    void make_room(clock::time_point now);

    options options_;
    std::unordered_map<std::string, entry, hash, std::equal_to<>> entries_;
};

}  // namespace attribution::ingestion
