// The signals of a visit, from the URLs and attributes that shops send with an order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/channels/signals.hpp"

namespace attribution::providers {

// What the shop noted with the order; names other than utm_* mean nothing here.
struct visit_attribute {
    std::string_view name;
    std::string_view value;
};

struct visit {
    std::string_view landing_url;             // absolute or relative; may be empty
    std::string_view referrer_url;            // may be empty
    std::vector<std::string> own_hosts;       // small letters; they and their subdomains are no referrers
    std::vector<visit_attribute> attributes;  // utm_* among them fill what the landing URL leaves open
};

// Source, medium and so on from utm_* of the landing URL and the attributes, the name of its click id, its
// path, the referring host. A landing page without any of utm, click id and referrer is "(direct)" /
// "(none)". All texts are cleaned.
channels::signals read_visit(const visit& from);

}  // namespace attribution::providers
