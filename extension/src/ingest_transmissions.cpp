// Transmission ids, under which a provider sends one body only. A signature that covers no more of a body
// than its CRC-32, as PayPal's, can be moved to another body: the id is what shows it.

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>

#include "extension/src/guard.hpp"
#include "extension/src/ingest_rows.hpp"
#include "extension/src/ingest_run.hpp"
#include "extension/src/ingest_statements.hpp"

namespace attribution::ingest {

namespace {

auto transmission_of(const item& one) {
    return std::tuple{one.tenant_bytes(), one.event.delivery.source, one.event.delivery.transmission_id};
}

void refuse_other_body(item& one, const digest_bytes& first) {
    if (one.event.delivery.digest == first) return;
    one.is_forged = true;
    one.settle(outcome::dead_lettered, "RA004",
               "Another body came under this transmission id; the first one stays.");
}

// Of each id the body that came first. Sorted against deadlocks, and before anything else is locked.
std::vector<digest_bytes> claim(const std::vector<const item*>& firsts) {
    std::vector<digest_bytes> digests;
    digests.reserve(firsts.size());
    for (const item* first : firsts) digests.push_back(first->event.delivery.digest);
    call([&] {
        const auto rows_of = [&](saved_statement& statement) {
            row_array rows("transmission_row", static_cast<int>(firsts.size()));
            for (const item* first : firsts) {
                const delivery& delivery = first->event.delivery;
                rows.uuid(first->tenant).text(delivery.source).text(delivery.transmission_id);
                rows.bytes(delivery.digest).end_row();
            }
            const std::array types{rows.array_type()};
            std::array values{rows.finish()};
            statement.execute(types, values);
        };
        rows_of(claim_transmissions);
        if (SPI_processed == firsts.size()) return;
        rows_of(find_transmissions);
        for (std::uint64_t row = 0; row < SPI_processed; ++row) {
            const bytea* digest = DatumGetByteaPP(result(row, 2));
            digest_bytes& known = digests[static_cast<std::size_t>(DatumGetInt64(result(row, 1)) - 1)];
            std::memcpy(known.data(), VARDATA_ANY(digest), known.size());
        }
        SPI_freetuptable(SPI_tuptable);
    });
    return digests;
}

}  // namespace

// Whatever becomes of the delivery: also one that is only counted, or dead, has used its id.
void run::claim_transmissions() {
    std::vector<item*> sent;
    for (item& item : items_) {
        if (!item.event.delivery.transmission_id.empty()) sent.push_back(&item);
    }
    if (sent.empty()) return;
    std::stable_sort(sent.begin(), sent.end(),
                     [](const item* a, const item* b) { return transmission_of(*a) < transmission_of(*b); });
    std::vector<const item*> firsts;
    for (const item* item : sent) {
        if (firsts.empty() || transmission_of(*firsts.back()) != transmission_of(*item))
            firsts.push_back(item);
    }
    const std::vector<digest_bytes> digests = claim(firsts);
    std::size_t at = 0;
    for (item* item : sent) {
        if (transmission_of(*firsts[at]) != transmission_of(*item)) ++at;
        refuse_other_body(*item, digests[at]);
    }
}

}  // namespace attribution::ingest
