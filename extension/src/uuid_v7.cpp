#include "extension/src/uuid_v7.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>

#include "extension/src/guard.hpp"

namespace attribution {

namespace {

constexpr std::size_t random_bytes_per_id = 8;

// Random bytes, fetched for many ids at once: a system call per id would cost more than the rest of it. A
// used byte is never read again. Backends do not share it, since the postmaster, which they fork from, makes
// no ids.
class random_pool {
  public:
    void take(unsigned char* to) {
        if (next_ == pool_.size()) {
            if (!pg_strong_random(pool_.data(), pool_.size())) {
                throw error("XX000", "could not generate random values");
            }
            next_ = 0;
        }
        std::memcpy(to, pool_.data() + next_, random_bytes_per_id);
        next_ += random_bytes_per_id;
    }

  private:
    std::array<unsigned char, 512 * random_bytes_per_id> pool_{};
    std::size_t next_ = pool_.size();
};

random_pool randomness;
std::uint64_t last_tick = 0;

// Time in ticks of 1/4096 millisecond, the finest that the 48 + 12 bits before the variant hold; always later
// than the tick before, also when the clock stands or goes back (RFC 9562, 6.2, method 3).
std::uint64_t next_tick() {
    using std::chrono::duration_cast, std::chrono::nanoseconds;
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    const auto now = static_cast<std::uint64_t>(duration_cast<nanoseconds>(since_epoch).count());
    const std::uint64_t milliseconds = now / 1'000'000;
    const std::uint64_t fraction = (now % 1'000'000) * 4096 / 1'000'000;
    const std::uint64_t tick = milliseconds << 12 | fraction;
    last_tick = tick > last_tick ? tick : last_tick + 1;
    return last_tick;
}

}  // namespace

pg_uuid_t next_uuid_v7() {
    pg_uuid_t id;
    randomness.take(id.data + 8);
    const std::uint64_t tick = next_tick();
    for (int i = 0; i < 6; ++i) id.data[i] = static_cast<unsigned char>(tick >> (52 - 8 * i));
    id.data[6] = static_cast<unsigned char>(0x70 | (tick >> 8 & 0x0F));
    id.data[7] = static_cast<unsigned char>(tick);
    id.data[8] = static_cast<unsigned char>(0x80 | (id.data[8] & 0x3F));
    return id;
}

}  // namespace attribution

ATTRIBUTION_FUNCTION(attribution_uuid_v7) {
    return attribution::guard([] {
        const pg_uuid_t id = attribution::next_uuid_v7();
        return attribution::call([&] {
            auto* result = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
            *result = id;
            return UUIDPGetDatum(result);
        });
    });
}
