// Packed touches: what is read is in order, and packed again it is read as the same.
#include <algorithm>

#include "core/credit/packed_touches.hpp"
#include "core/errors.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace attribution;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<credit::packed_touch> once;
    try {
        credit::unpack_touches(fuzz::text_of(data, size), once);
    } catch (const error& refused) {
        fuzz::require(refused.sqlstate() == "XX001" && once.empty(), "other bytes are refused as such");
        return 0;
    }
    fuzz::require(std::is_sorted(once.begin(), once.end()), "touches are in order");
    if (once.size() > credit::max_journey_touches) return 0;
    const std::string packed = credit::pack_touches(once);
    std::vector<credit::packed_touch> again;
    credit::unpack_touches(packed, again);
    fuzz::require(again == once, "the same touches");
    fuzz::require(credit::pack_touches(again) == packed, "the same bytes");
    return 0;
}
