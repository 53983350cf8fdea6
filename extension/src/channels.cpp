// normalize_channel(), and the trigger that tells every backend that the rules changed.

#include <string_view>

#include "extension/src/channel_cache.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/tenant.hpp"

extern "C" {
#include "commands/trigger.h"
#include "utils/inval.h"
#include "utils/rel.h"
}

namespace attribution::channels {

namespace {

std::string_view text_argument(FunctionCallInfo fcinfo, int argument) {
    if (PG_ARGISNULL(argument)) return {};
    text* packed = PG_GETARG_TEXT_PP(argument);
    return {VARDATA_ANY(packed), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))};
}

Datum normalize(FunctionCallInfo fcinfo) {
    signals_view visit;
    call([&] {
        visit.source = text_argument(fcinfo, 0);
        visit.medium = text_argument(fcinfo, 1);
        visit.campaign = text_argument(fcinfo, 2);
        visit.referrer_host = text_argument(fcinfo, 3);
        visit.click_id = text_argument(fcinfo, 4);
    });
    const tenant_rules rules = rules_of(current_tenant());
    const rule* found = rules.match(visit);
    const std::string_view channel = found != nullptr ? std::string_view(found->channel) : unknown_channel;
    return call([&] { return make_text(channel); });
}

}  // namespace

}  // namespace attribution::channels

ATTRIBUTION_FUNCTION(attribution_normalize_channel) {
    return attribution::guard([&] { return attribution::channels::normalize(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_invalidate_channel_rules) {
    return attribution::guard([&]() -> Datum {
        if (!CALLED_AS_TRIGGER(fcinfo)) {
            attribution::call([] {
                ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                                errmsg("invalidate_channel_rules() was not called as a trigger")));
            });
        }
        const auto* trigger = reinterpret_cast<TriggerData*>(fcinfo->context);
        attribution::call([&] { CacheInvalidateRelcache(trigger->tg_relation); });
        return PointerGetDatum(nullptr);
    });
}
