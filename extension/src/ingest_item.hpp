// One element of a call of ingest_events(): the event, and what became of it. Plain values in the memory of
// the call.
#pragma once

#include <string_view>

#include "extension/src/ingest_event.hpp"

namespace attribution::ingest {

enum class outcome : std::uint8_t { pending, created, duplicate, conflict, dead_lettered, ignored };

// The status as SQL shows it.
[[nodiscard]] constexpr const char* name(outcome status) {
    switch (status) {
        case outcome::created:
            return "created";
        case outcome::duplicate:
            return "duplicate";
        case outcome::conflict:
            return "conflict";
        case outcome::ignored:
            return "ignored";
        default:
            return "dead_lettered";
    }
}

// For sorting and comparing.
[[nodiscard]] inline std::string_view bytes_of(const pg_uuid_t& id) {
    return {reinterpret_cast<const char*>(id.data), UUID_LEN};
}

struct item {
    pg_uuid_t tenant{};
    ingest::event event;
    outcome status = outcome::pending;
    // Of the event's row 0, the first delivery's for duplicates and conflicts, or of the dead letter; of
    // nothing for what is only counted.
    pg_uuid_t id{};
    const char* code = nullptr;
    const char* detail = nullptr;
    int booked = 0;
    bool is_forged = false;  // another body came under its transmission id before

    // Of the stored event, while the digest of a repeat is compared with it.
    digest_bytes stored_digest{};

    [[nodiscard]] std::string_view tenant_bytes() const { return bytes_of(tenant); }

    void settle(outcome as, const char* sqlstate = nullptr, const char* why = nullptr) {
        status = as;
        code = sqlstate;
        detail = why;
    }
};

}  // namespace attribution::ingest
