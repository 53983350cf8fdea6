// The touches that lead to sales: of each those of its journey, and of all that are one with it. They lie
// scattered over the table, a day's sales over the same pages: so the index is read for some sales first,
// then the table page by page.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/credit/packed_touches.hpp"
#include "extension/src/linked_journeys.hpp"
#include "extension/src/recipients.hpp"
#include "extension/src/table_lookup.hpp"

namespace attribution::allocations {

// Calls PostgreSQL and owns nothing, as table_lookup; what it fills is the caller's.
class touch_reader {
  public:
    struct buffers {
        std::vector<std::vector<credit::packed_touch>> touches;  // by sale, in any order
        recipient_table labels;                                  // of all that were ever read
        struct place {
            ItemPointerData at;
            std::uint32_t sale;
        };
        std::vector<place> places;  // that are not read yet
    };

    touch_reader(Datum tenant, Oid schema, buffers& into);
    void close();

    // Begins with so many sales, without touches.
    void start(std::size_t sales);
    // All that credit::pack_touches() keeps, once fetch() has read them.
    void look_up(std::uint32_t sale, std::string_view journey);
    void fetch();

  private:
    [[nodiscard]] bool look_up_short(std::uint32_t sale, Datum journey);
    void read_long(std::uint32_t sale, Datum journey);
    void add_current(std::uint32_t sale);

    linked_journeys linked_;
    table_lookup touches_;
    buffers& into_;
};

}  // namespace attribution::allocations
