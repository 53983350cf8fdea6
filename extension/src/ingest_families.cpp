// Parts and totals (docs/event_contract.md): what a total leaves unexplained is booked under its own key. The
// statement that stored the round has booked the parts, and holds the rows of all their totals, so nobody
// else books in these families until the transaction ends.

#include <algorithm>
#include <array>

#include "extension/src/guard.hpp"
#include "extension/src/ingest_rows.hpp"
#include "extension/src/ingest_run.hpp"
#include "extension/src/ingest_statements.hpp"
#include "extension/src/uuid_v7.hpp"

namespace attribution::ingest {

namespace {

bool was_told(const money_state& total) {
    return total.version_at != never_told;
}

}  // namespace

void run::settle_families(const std::vector<item*>& round, const std::vector<pending_state>& states) {
    std::vector<pending_state> parts;
    std::vector<pending_state> totals;  // one for each family, the newest that was told
    for (const pending_state& state : states) {
        if (state.owner->status != outcome::created) continue;
        if (state.state->role == money_role::part) parts.push_back(state);
        if (state.state->role != money_role::total) continue;
        if (totals.empty() || totals.back().money_no != state.money_no) totals.push_back(state);
    }
    if (totals.empty()) return;
    std::vector<pg_uuid_t> entry_ids(totals.size());
    for (pg_uuid_t& id : entry_ids) id = next_uuid_v7();

    call([&] {
        if (!parts.empty()) {
            row_array part_rows("part_row", static_cast<int>(parts.size()));
            for (const pending_state& p : parts) {
                const money_state& part = *p.state;
                part_rows.uuid(p.owner->tenant).text(part.parent).text(part.kind).text(part.money_key);
                part_rows.big(part.occurred_at);
                part_rows.big(std::max(*part.cumulative_minor, part.gross_minor.value_or(0))).end_row();
            }
            const std::array types{part_rows.array_type()};
            std::array values{part_rows.finish()};
            store_parts.execute(types, values);
        }
        row_array total_rows("total_row", static_cast<int>(totals.size()));
        for (std::size_t i = 0; i < totals.size(); ++i) {
            const money_state& total = *totals[i].state;
            total_rows.uuid(totals[i].owner->tenant).uuid(totals[i].owner->id).uuid(entry_ids[i]);
            total_rows.text(total.money_key).text(total.kind);
            total_rows.big(was_told(total) ? total.cumulative_minor : std::nullopt);
            total_rows.big(total.version_at).big(total.occurred_at).end_row();
        }
        const std::array types{total_rows.array_type()};
        std::array values{total_rows.finish()};
        settle_totals.execute(types, values);
        for (std::uint64_t row = 0; row < SPI_processed; ++row) {
            ++find_item(round, *DatumGetUUIDP(result(row, 1))).booked;
        }
        SPI_freetuptable(SPI_tuptable);
    });
}

}  // namespace attribution::ingest
