// The trigger that keeps append-only tables as they are, for their owner too.

#include <string>

#include "extension/src/guard.hpp"

extern "C" {
#include "commands/trigger.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace attribution {

namespace {

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
    throw error(
        append_only, std::string("table ") + name + " is append-only",
        std::string(operation_name(trigger.tg_event)) + " is refused for every role, the owner included.",
        "Correct money with a further entry (kind adjustment); send a corrected event under a new delivery "
        "key.");
}

}  // namespace

}  // namespace attribution

ATTRIBUTION_FUNCTION(attribution_refuse_change) {
    return attribution::guard([&]() -> Datum {
        if (!CALLED_AS_TRIGGER(fcinfo)) {
            throw attribution::error("39P01", "refuse_change() was not called as a trigger");
        }
        attribution::refuse(*reinterpret_cast<TriggerData*>(fcinfo->context));
    });
}
