#include "core/providers/stripe_visit.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "core/pii/detect.hpp"
#include "core/pii/url.hpp"
#include "core/providers/event.hpp"
#include "core/providers/visit.hpp"

namespace attribution::providers::stripe {

namespace {

bool is_clean_key(std::string_view text) {
    return is_key(text) && !pii::find(text, pii::meaning::id);
}

// client_reference_id as the query of a URL: merchants part its parameters with | or &.
std::string reference_query(json::value object) {
    std::string query = "?" + std::string(object["client_reference_id"].text());
    std::replace(query.begin(), query.end(), '|', '&');
    return query;
}

}  // namespace

channels::signals signals_of(json::value object) {
    std::vector<pii::url_parameter> parameters = pii::clean_url(reference_query(object)).parameters;
    for (pii::url_parameter& one : pii::clean_url(object["success_url"].text()).parameters)
        parameters.push_back(std::move(one));

    visit seen;
    std::string_view click_id;
    const auto add = [&](std::string_view name, std::string_view value) {
        seen.attributes.push_back({name, value});
        if (click_id.empty()) click_id = pii::click_id_name(name);
    };
    for (const json::value member : object["metadata"]) add(member.key(), member.text());
    for (const auto& [name, value] : parameters) add(name, value);
    channels::signals result = read_visit(seen);
    result.click_id = click_id;
    return result;
}

std::string order_ref_of(json::value object) {
    for (const std::string_view name : {"order_id", "shopify_order_id", "woocommerce_order_id"}) {
        std::string_view order = object["metadata"][name].text();
        for (const std::string_view form : {"gid://shopify/Order/", "#"})
            if (order.starts_with(form)) order.remove_prefix(form.size());
        if (is_clean_key(order)) return std::string(order);
    }
    return {};
}

std::string journey_id_of(json::value object) {
    const std::string_view named = object["metadata"]["journey_id"].text();
    if (is_journey_id(named)) return std::string(named);
    const std::string query = reference_query(object);
    for (std::string_view rest = query; !rest.empty();) {
        rest.remove_prefix(1);  // the mark before the parameter
        const std::string_view one = rest.substr(0, rest.find('&'));
        const bool has_digit = one.find_first_of("0123456789") != std::string_view::npos;
        // Key text has no =, so parameters are none.
        if (has_digit && is_journey_id(one)) return std::string(one);
        rest.remove_prefix(one.size());
    }
    return {};
}

}  // namespace attribution::providers::stripe
