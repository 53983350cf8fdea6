#include "core/providers/shopify.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/providers/body.hpp"
#include "core/providers/shopify_body.hpp"
#include "core/providers/shopify_dispute.hpp"
#include "core/providers/shopify_order.hpp"
#include "core/providers/shopify_refund.hpp"

namespace attribution::providers::shopify {

namespace {

void read_edit(json::value body, const delivery_facts&, event& into) {
    const shaped edit{body["order_edit"], "an order edit"};
    (void)id_of(edit);
    const std::string order_id(id_of(edit, "order_id"));
    json::writer payload;
    payload.begin_object().member("kind", "order_edit").member("order_id", order_id).end_object();
    into.notice = notice{std::string(time_of(edit, "created_at")), std::move(payload).text(), order_id};
}

struct known_topic {
    std::string_view name;
    void (*read)(json::value, const delivery_facts&, event&);
};

constexpr auto known_topics = std::to_array<known_topic>({
    {"disputes/create", &read_dispute},
    {"disputes/update", &read_dispute},
    {"order_transactions/create", &read_transaction},
    {"orders/cancelled", &read_order},
    {"orders/create", &read_order},
    {"orders/edited", &read_edit},
    {"orders/paid", &read_order},
    {"orders/updated", &read_order},
    {"refunds/create", &read_refund},
});

bool is_test(json::value body) {
    const json::value test = body["test"];
    if (!test.is_null() && test.kind() != json::kind::boolean)
        refuse("Member \"test\" is neither true nor false.");
    return test.is_true() || has_test_transaction(body);
}

}  // namespace

event translate(const delivery_facts& facts, std::string_view body) {
    event result;
    result.delivery = make_delivery(facts);
    const auto* const topic =
        std::find_if(known_topics.begin(), known_topics.end(),
                     [&facts](const known_topic& one) { return one.name == facts.topic; });
    if (topic == known_topics.end()) {
        result.ignored = ignore_reason::unknown_topic;
        return result;
    }
    const json::document document = read_body(body);
    topic->read(document.root(), facts, result);
    if (!is_test(document.root())) return result;

    // Read all the same: a body of another shape is no test of this topic.
    event test;
    test.delivery = std::move(result.delivery);
    test.ignored = ignore_reason::test_mode;
    return test;
}

}  // namespace attribution::providers::shopify
