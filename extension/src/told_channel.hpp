// Which of the events that tell of a sale counts for its channel: the least by this order, as in the view
// booked_entries (0017_rollups.sql) and in export (0022_export.sql). Of the same moment the least name
// counts, so that the order of arrival makes no difference.
#pragma once

#include <string_view>
#include <tuple>

#include "extension/src/channel_cache.hpp"
#include "extension/src/credit_model.hpp"

extern "C" {
#include "utils/timestamp.h"
}

namespace attribution {

using channel_rank = std::tuple<int, TimestampTz, std::string_view>;

[[nodiscard]] inline channel_rank rank_channel(std::string_view channel, TimestampTz occurred_at) {
    const int how_unknown =
        channel == channels::unknown_channel ? 2 : static_cast<int>(channel == credit::direct_channel);
    return {how_unknown, occurred_at, channel};
}

}  // namespace attribution
