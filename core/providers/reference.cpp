#include "core/providers/reference.hpp"

#include <algorithm>
#include <utility>

#include "core/pii/detect.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers {

namespace {

// As the query of a URL: merchants part its parameters with | or &.
std::string as_query(std::string_view reference) {
    std::string query = "?" + std::string(reference);
    std::replace(query.begin(), query.end(), '|', '&');
    return query;
}

}  // namespace

std::vector<pii::url_parameter> reference_parameters(std::string_view reference) {
    return pii::clean_url(as_query(reference)).parameters;
}

std::string reference_journey_id(std::string_view reference) {
    const std::string query = as_query(reference);
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

std::string clean_order_ref(std::string_view text) {
    for (const std::string_view form : {"gid://shopify/Order/", "#"})
        if (text.starts_with(form)) text.remove_prefix(form.size());
    return is_key(text) && !pii::find(text, pii::meaning::id) ? std::string(text) : std::string{};
}

channels::signals attribute_signals(std::vector<visit_attribute> attributes) {
    visit seen;
    seen.attributes = std::move(attributes);
    std::string_view click_id;
    for (const auto& [name, value] : seen.attributes)
        if (click_id.empty()) click_id = pii::click_id_name(name);
    channels::signals result = read_visit(seen);
    result.click_id = click_id;
    return result;
}

}  // namespace attribution::providers
