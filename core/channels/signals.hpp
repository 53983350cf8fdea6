// What is known of a visit that tells its channel. An empty text means "not known".
#pragma once

#include <string>
#include <string_view>

namespace attribution::channels {

struct signals {
    std::string source;         // utm_source
    std::string medium;         // utm_medium
    std::string campaign;       // utm_campaign
    std::string content;        // utm_content
    std::string term;           // utm_term
    std::string referrer_host;  // host of the referring page, small letters
    std::string click_id;       // the NAME of a click id (gclid, fbclid, …), never its value
    std::string landing_path;   // path of the landing page

    bool operator==(const signals&) const = default;
};

// The part that rules look at, without owning it; content, term and landing path play no role there.
struct signals_view {
    std::string_view source;
    std::string_view medium;
    std::string_view campaign;
    std::string_view referrer_host;
    std::string_view click_id;

    signals_view() = default;
    // Implicit on purpose: rule_set::match takes either form.
    signals_view(const signals& s)
        : source(s.source),
          medium(s.medium),
          campaign(s.campaign),
          referrer_host(s.referrer_host),
          click_id(s.click_id) {}
};

}  // namespace attribution::channels
