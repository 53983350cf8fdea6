// The trigger that keeps append-only tables as they are, for their owner too.

#include <string>

#include "extension/src/guard.hpp"
#include "extension/src/pruning.hpp"

extern "C" {
#include "commands/trigger.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace attribution {

namespace {

constexpr const char* usual_hint =
    "Correct money with a further entry (kind adjustment); send a corrected event under a new delivery key.";

const char* operation_name(TriggerEvent event) {
    if (TRIGGER_FIRED_BY_UPDATE(event)) return "UPDATE";
    if (TRIGGER_FIRED_BY_DELETE(event)) return "DELETE";
    if (TRIGGER_FIRED_BY_TRUNCATE(event)) return "TRUNCATE";
    return "INSERT";
}

[[noreturn]] void refuse(const TriggerData& trigger) {
    const char* name = call([&] {
        return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(trigger.tg_relation)),
                                          RelationGetRelationName(trigger.tg_relation));
    });
    const char* hint = trigger.tg_trigger->tgnargs > 0 ? trigger.tg_trigger->tgargs[0] : usual_hint;
    throw error(
        append_only, std::string("table ") + name + " is append-only",
        std::string(operation_name(trigger.tg_event)) + " is refused for every role, the owner included.",
        hint);
}

}  // namespace

}  // namespace attribution

ATTRIBUTION_FUNCTION(attribution_refuse_change) {
    return attribution::guard([&]() -> Datum {
        if (!CALLED_AS_TRIGGER(fcinfo)) {
            throw attribution::error("39P01", "refuse_change() was not called as a trigger");
        }
        const auto& trigger = *reinterpret_cast<TriggerData*>(fcinfo->context);
        if (TRIGGER_FIRED_BY_DELETE(trigger.tg_event) && attribution::allocations::is_pruning())
            return Datum{0};
        attribution::refuse(trigger);
    });
}
