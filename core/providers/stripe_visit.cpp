#include "core/providers/stripe_visit.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "core/providers/event.hpp"
#include "core/providers/reference.hpp"

namespace attribution::providers::stripe {

channels::signals signals_of(json::value object) {
    std::vector<pii::url_parameter> parameters = reference_parameters(object["client_reference_id"].text());
    for (pii::url_parameter& one : pii::clean_url(object["success_url"].text()).parameters)
        parameters.push_back(std::move(one));
    std::vector<visit_attribute> attributes;
    for (const json::value member : object["metadata"]) attributes.push_back({member.key(), member.text()});
    for (const auto& [name, value] : parameters) attributes.push_back({name, value});
    return attribute_signals(std::move(attributes));
}

std::string order_ref_of(json::value object) {
    for (const std::string_view name : {"order_id", "shopify_order_id", "woocommerce_order_id"})
        if (std::string order = clean_order_ref(object["metadata"][name].text()); !order.empty())
            return order;
    return {};
}

std::string journey_id_of(json::value object) {
    const std::string_view named = object["metadata"]["journey_id"].text();
    return is_journey_id(named) ? std::string(named)
                                : reference_journey_id(object["client_reference_id"].text());
}

}  // namespace attribution::providers::stripe
