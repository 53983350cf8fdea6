#include "core/providers/woocommerce.hpp"

#include <string>
#include <utility>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/providers/body.hpp"
#include "core/providers/members.hpp"
#include "core/providers/woocommerce_order.hpp"
#include "core/providers/woocommerce_store.hpp"

namespace attribution::providers::woocommerce {

namespace {

// The order went to the trash, or is gone. Nothing in the body or its headers tells when.
notice deletion(json::value body, std::string_view store, std::string_view received_at) {
    const shaped deleted{body, "a deleted order"};
    const std::string_view id = id_of(deleted);
    if (body["status"].exists()) refuse("The body of a deletion is an id alone.");
    json::writer payload;
    payload.begin_object().member("kind", "order_deleted").member("order_id", id).end_object();
    return {std::string(received_at), std::move(payload).text(), std::string(id), order_key(store, id)};
}

}  // namespace

event translate(const delivery_facts& facts, std::string_view body) {
    const std::string store = store_of(facts.account);
    if (store.empty()) refuse("The endpoint's account is not the URL of a store.");
    delivery_facts of_store = facts;
    of_store.delivery_key = store + ":" + facts.digest_hex;
    event result;
    result.delivery = make_delivery(of_store);
    const bool deleted = facts.topic == "order.deleted";
    if (!deleted && facts.topic != "order.created" && facts.topic != "order.updated" &&
        facts.topic != "order.restored") {
        result.ignored = ignore_reason::unknown_topic;
        return result;
    }
    const json::document document = read_body(body);
    if (deleted)
        result.notice = deletion(document.root(), store, facts.received_at);
    else
        read_order(document.root(), store, result);
    return result;
}

}  // namespace attribution::providers::woocommerce
