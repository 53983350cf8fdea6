// The sales that an order or a journey may be told of: by events and ledger, whose indexes ingestion writes
// anyway. Indexes of `sales` would cost a day most of its pages. More may be found than those of which it is
// told in the end: a sale that is divided again without a change stays as it is.
#pragma once

#include <string_view>

#include "extension/src/linked_journeys.hpp"
#include "extension/src/table_columns.hpp"
#include "extension/src/table_lookup.hpp"

namespace attribution::allocations {

// Calls PostgreSQL and owns nothing, as table_lookup.
class sale_finder {
  public:
    sale_finder(Datum tenant, Oid schema);
    void close();

    // Calls `visit(order)` for each order that an event of the journey, or of one that is one with it, names.
    template <class visitor>
    void each_order(std::string_view journey, visitor&& visit) {
        linked_.each(journey, [&](std::string_view one) {
            const Datum id = make_text(one);
            for (conversions_.start(id); conversions_.next();) {
                CHECK_FOR_INTERRUPTS();
                events_.start(conversions_.value(journey_column::event_id));
                if (!events_.next()) continue;
                using namespace event_column;
                const Datum order =
                    events_.value(DatumGetBool(events_.value(evidence)) ? order_ref : external_id);
                if (order != 0) visit(read_text(order));
            }
            pfree(DatumGetPointer(id));
        });
    }

    // Calls `visit(sale_key)` for each ledger entry that was booked by an event of the order.
    template <class visitor>
    void each_sale(std::string_view order, visitor&& visit) {
        const Datum id = make_text(order);
        for (by_order_.start(id); by_order_.next();) {
            CHECK_FOR_INTERRUPTS();
            for (booked_.start(by_order_.value(event_column::event_id)); booked_.next();)
                visit(booked_.text(ledger_column::sale_key));
        }
        pfree(DatumGetPointer(id));
    }

  private:
    linked_journeys linked_;
    table_lookup conversions_;  // of a journey: its events that are no touches
    table_lookup events_;
    table_lookup by_order_;
    table_lookup booked_;
};

}  // namespace attribution::allocations
