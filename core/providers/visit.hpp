// The signals of a visit, from the URLs and attributes that shops send with an order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/channels/signals.hpp"

namespace attribution::providers {

struct visit {
    std::string_view landing_url;        // absolute or relative; may be empty
    std::string_view referrer_url;       // may be empty
    std::vector<std::string> own_hosts;  // pages on these hosts and their subdomains are no referrers
};

// Source, medium and so on from utm_* of the landing URL, the name of its click id, its path, the referring
// host. A landing page without any of utm, click id and referrer is "(direct)" / "(none)". All texts are
// cleaned.
channels::signals read_visit(const visit& from);

// Sets the signal that a utm_* parameter stands for, when it is not known yet. Other names change nothing.
void fill_from_parameter(channels::signals& into, std::string_view name, std::string_view value);

}  // namespace attribution::providers
