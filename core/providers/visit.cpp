#include "core/providers/visit.hpp"

#include <algorithm>
#include <array>

#include "core/channels/glob.hpp"
#include "core/pii/percent.hpp"
#include "core/pii/text.hpp"
#include "core/pii/url.hpp"

namespace attribution::providers {

namespace {

using channels::signals;

struct parameter_signal {
    std::string_view name;
    std::string signals::*signal;
};

constexpr std::array<parameter_signal, 5> parameter_signals{{
    {"utm_source", &signals::source},
    {"utm_medium", &signals::medium},
    {"utm_campaign", &signals::campaign},
    {"utm_content", &signals::content},
    {"utm_term", &signals::term},
}};

void set_if_unknown(signals& into, std::string_view name, std::string_view cleaned) {
    for (const auto& [known, signal] : parameter_signals)
        if (known == name && (into.*signal).empty()) into.*signal = cleaned;
}

std::string_view without_www(std::string_view host) {
    return host.starts_with("www.") ? host.substr(4) : host;
}

bool is_own(std::string_view host, const std::vector<std::string>& own_hosts) {
    return std::any_of(own_hosts.begin(), own_hosts.end(), [host](std::string_view own) {
        own = without_www(own);
        if (own.empty() || !host.ends_with(own)) return false;
        return host.size() == own.size() || host[host.size() - own.size() - 1] == '.';
    });
}

bool has_utm(const signals& known) {
    return std::any_of(parameter_signals.begin(), parameter_signals.end(),
                       [&known](const auto& one) { return !(known.*one.signal).empty(); });
}

}  // namespace

signals read_visit(const visit& from) {
    signals result;
    const pii::cleaned_url landing = pii::clean_url(from.landing_url);
    for (const auto& [name, value] : landing.parameters) {
        set_if_unknown(result, name, value);
        if (result.click_id.empty()) result.click_id = pii::click_id_name(name);
    }
    for (const auto& [name, value] : from.attributes)
        set_if_unknown(result, channels::to_lower(name), pii::clean_text(pii::percent_decode_fully(value)));
    result.landing_path = landing.path;

    const std::string referrer = pii::url_host(from.referrer_url);
    const bool own =
        is_own(referrer, from.own_hosts) || (!landing.host.empty() && is_own(referrer, {landing.host}));
    if (!own) result.referrer_host = referrer;

    // A referrer that cannot be read is still one: such a visit is unknown, not direct.
    const bool no_referrer = own || from.referrer_url.empty();
    if (!from.landing_url.empty() && no_referrer && !has_utm(result) && result.click_id.empty()) {
        result.source = "(direct)";
        result.medium = "(none)";
    }
    return result;
}

}  // namespace attribution::providers
