// Journeys that are one, as link_journeys() says. As table_lookup.
#pragma once

#include <string_view>

#include "extension/src/table_lookup.hpp"

namespace attribution {

class linked_journeys {
  public:
    linked_journeys(Datum tenant, Oid schema);
    void close();

    // Calls `visit(journey)` for it and for each that is one with it; the name lives until the visit ends.
    template <class visitor>
    void each(std::string_view journey, visitor&& visit) {
        const Datum id = make_text(journey);
        links_.start(id);
        if (links_.next()) {
            const Datum canonical = make_text(links_.text(canonical_id_column));
            for (linked_.start(canonical); linked_.next();) visit(linked_.text(journey_id_column));
            pfree(DatumGetPointer(canonical));
        } else {
            visit(journey);
        }
        pfree(DatumGetPointer(id));
    }

  private:
    // Places of columns of journey_links (0011_tracker.sql).
    static constexpr int journey_id_column = 2;
    static constexpr int canonical_id_column = 3;

    table_lookup links_;
    table_lookup linked_;
};

}  // namespace attribution
