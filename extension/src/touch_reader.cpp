#include "extension/src/touch_reader.hpp"

#include <algorithm>
#include <cstdint>

#include "extension/src/table_columns.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/fmgroids.h"
#include "utils/timestamp.h"
}

namespace attribution::allocations {

namespace {

std::uint64_t order_of(const ItemPointerData& place) {
    return (std::uint64_t{ItemPointerGetBlockNumberNoCheck(&place)} << 16U) |
           ItemPointerGetOffsetNumberNoCheck(&place);
}

}  // namespace

touch_reader::touch_reader(Datum tenant, Oid schema, buffers& into)
    : linked_(tenant, schema),
      touches_(tenant, schema, "event_journeys", "event_journeys_journey", F_TEXTEQ),
      into_(into) {
    touches_.scan().read_index_first();
    touches_.scan().require_column(journey_index_column::touched_at, TIMESTAMPTZOID);
}

void touch_reader::close() {
    linked_.close();
    touches_.close();
}

void touch_reader::start(std::size_t sales) {
    into_.touches.resize(sales);
    for (auto& touches : into_.touches) touches.clear();
    into_.places.clear();
}

void touch_reader::look_up(std::uint32_t sale, std::string_view journey) {
    linked_.each(journey, [&](std::string_view one) {
        const Datum id = make_text(one);
        if (!look_up_short(sale, id)) read_long(sale, id);
        pfree(DatumGetPointer(id));
    });
}

// Events that are no touches have no time, and come last. False when there may be more than are kept: of how
// many the rows are gone is not known yet.
bool touch_reader::look_up_short(std::uint32_t sale, Datum journey) {
    const std::size_t before = into_.places.size();
    Datum at = 0;
    for (touches_.start(journey);
         touches_.scan().next_entry() && touches_.scan().key(journey_index_column::touched_at, at);)
        if (into_.places.size() - before < credit::max_journey_touches)
            into_.places.push_back({touches_.scan().place(), sale});
        else {
            into_.places.resize(before);
            return false;
        }
    return true;
}

// The newest come first, so what is too much is not read.
void touch_reader::read_long(std::uint32_t sale, Datum journey) {
    credit::microseconds oldest = DT_NOBEGIN;
    std::size_t count = 0;
    for (touches_.start(journey); touches_.next() && touches_.value(journey_column::channel) != 0;) {
        const credit::microseconds at = DatumGetTimestampTz(touches_.value(journey_column::touched_at));
        if (at < oldest) break;
        add_current(sale);
        if (++count == credit::max_journey_touches) oldest = at;
    }
}

void touch_reader::add_current(std::uint32_t sale) {
    const Datum campaign = touches_.value(journey_column::campaign);
    const recipient label = into_.labels.name(into_.labels.number_of(
        {touches_.text(journey_column::channel), campaign == 0 ? std::string_view{} : read_text(campaign)}));
    auto& touches = into_.touches[sale];
    touches.push_back(
        {DatumGetTimestampTz(touches_.value(journey_column::touched_at)), label.channel, label.campaign});
    // Any number may be of one time, and any number of journeys one.
    if (touches.size() == 4 * credit::max_journey_touches) credit::keep_newest(touches);
}

void touch_reader::fetch() {
    std::sort(into_.places.begin(), into_.places.end(), [](const buffers::place& a, const buffers::place& b) {
        return order_of(a.at) < order_of(b.at);
    });
    for (const buffers::place& one : into_.places) {
        CHECK_FOR_INTERRUPTS();
        if (touches_.scan().fetch(one.at)) add_current(one.sale);
    }
}

}  // namespace attribution::allocations
