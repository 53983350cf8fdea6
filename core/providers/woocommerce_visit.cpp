#include "core/providers/woocommerce_visit.hpp"

#include <algorithm>
#include <array>

#include "core/channels/glob.hpp"
#include "core/providers/event.hpp"
#include "core/providers/visit.hpp"

namespace attribution::providers::woocommerce {

namespace {

constexpr std::string_view attribution = "_wc_order_attribution_";

constexpr auto source_types =
    std::to_array<std::string_view>({"admin", "mobile_app", "organic", "referral", "typein", "utm"});
constexpr auto device_types = std::to_array<std::string_view>({"desktop", "mobile", "tablet"});

// The first text under that key; meta_data may have several.
std::string_view meta_of(json::value order, std::string_view key) {
    for (const json::value meta : order["meta_data"])
        if (meta["key"].text() == key && meta["value"].is_string()) return meta["value"].text();
    return {};
}

std::string_view attribution_of(json::value order, std::string_view name) {
    return meta_of(order, std::string(attribution) + std::string(name));
}

template <class Words>
std::string known_word(const Words& known, std::string_view text) {
    const std::string word = channels::to_lower(text);
    return std::find(known.begin(), known.end(), word) == known.end() ? std::string{} : word;
}

}  // namespace

channels::signals signals_of(json::value order, std::string_view store) {
    visit seen;
    seen.referrer_url = attribution_of(order, "referrer");
    seen.own_hosts.emplace_back(store.substr(0, store.find_first_of(":/")));
    for (const std::string_view name :
         {"utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"})
        seen.attributes.push_back({name, attribution_of(order, name)});
    // What GA4 knows a campaign by when it has no name.
    seen.attributes.push_back({"utm_campaign", attribution_of(order, "utm_id")});
    channels::signals result = read_visit(seen);
    if (source_type_of(order) == "typein" && result.source.empty()) result.source = "(direct)";
    if (result.source == "(direct)" && result.medium.empty()) result.medium = "(none)";
    return result;
}

std::string source_type_of(json::value order) {
    return known_word(source_types, attribution_of(order, "source_type"));
}

std::string device_type_of(json::value order) {
    return known_word(device_types, attribution_of(order, "device_type"));
}

std::string journey_id_of(json::value order) {
    const std::string_view id = meta_of(order, "_attribution_journey_id");
    return is_journey_id(id) ? std::string(id) : std::string{};
}

}  // namespace attribution::providers::woocommerce
