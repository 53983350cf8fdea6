#include "server/ingestion/rate_limiter.hpp"

#include <algorithm>

namespace attribution::ingestion {

std::optional<std::int64_t> rate_limiter::take(std::uint64_t who, int per_minute, clock::time_point now) {
    using std::chrono::ceil, std::chrono::seconds;
    constexpr clock::duration minute = std::chrono::minutes(1);
    const auto known = full_at_.find(who);
    const clock::time_point full_at = known == full_at_.end() ? now : std::max(known->second, now);
    const clock::time_point then = full_at + minute / per_minute;
    if (then > now + minute) return std::max<std::int64_t>(1, ceil<seconds>(then - now - minute).count());
    if (known != full_at_.end()) {
        known->second = then;
    } else {
        if (full_at_.size() >= capacity_) make_room(now);
        full_at_.emplace(who, then);
    }
    return std::nullopt;
}

// Full buckets say nothing. When so many others are in use that there is still no room, all begin anew: an
// attacker with that many addresses would otherwise keep everybody else out.
void rate_limiter::make_room(clock::time_point now) {
    std::erase_if(full_at_, [now](const auto& bucket) { return bucket.second <= now; });
    if (full_at_.size() >= capacity_) full_at_.clear();
}

}  // namespace attribution::ingestion
