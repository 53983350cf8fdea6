// Token buckets in bounded memory: whoever asks has at most so many a minute, and all of a minute's at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace attribution::ingestion {

class rate_limiter {
  public:
    using clock = std::chrono::steady_clock;

    explicit rate_limiter(std::size_t capacity) : capacity_(capacity) {}

    // Takes one for `who`, or tells after how many whole seconds there will be one again.
    std::optional<std::int64_t> take(std::uint64_t who, int per_minute, clock::time_point now);

    std::size_t size() const { return full_at_.size(); }

  private:
    void make_room(clock::time_point now);

    std::size_t capacity_;
    // A bucket is known by when it will be full again; one that is not here is full.
    std::unordered_map<std::uint64_t, clock::time_point> full_at_;
};

}  // namespace attribution::ingestion
