// Channel rules, compiled once and matched for every event.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/channels/glob.hpp"
#include "core/channels/signals.hpp"
#include "core/channels/source_categories.hpp"

namespace attribution::channels {

// One row of attribution.channel_rules. Every condition that is given must hold; of the patterns of one
// condition one must match, so an empty list never holds. A signal that is not known is the empty text: ''
// matches only it, '*' matches it too, '?*' asks for a known one.
struct rule {
    using texts = std::optional<std::vector<std::string>>;

    std::string name;
    int priority = 0;  // smaller numbers are tried first
    std::string channel;
    std::optional<std::string> source_category;  // of the effective source
    texts source_like;                           // the effective source: utm source, else referrer host
    texts medium_like;
    texts campaign_like;
    texts referrer_like;  // the referrer host
    texts click_id_in;    // names, compared whole, case does not matter
};

// Immutable after construction, so it can be shared. A tenant's own rules are a set of their own, tried
// before the built-in set: the built-in one is then compiled once for all tenants, and both share one
// source_categories.
class rule_set {
  public:
    rule_set() = default;
    rule_set(std::vector<rule> rules, std::shared_ptr<const source_categories> categories);

    // The first rule, by (priority, name), whose conditions all hold; nullptr when there is none.
    const rule* match(const signals_view& visit) const;
    bool empty() const noexcept { return compiled_.empty(); }

  private:
    using globs = std::optional<std::vector<glob>>;
    struct compiled_rule {
        rule source;
        globs source_like;
        globs medium_like;
        globs campaign_like;
        globs referrer_like;
        rule::texts click_id_in;  // in small letters
    };
    struct lowered_visit;
    static compiled_rule compile(rule from);
    static bool holds(const compiled_rule& rule, const lowered_visit& visit);

    std::vector<compiled_rule> compiled_;
    std::shared_ptr<const source_categories> categories_;
};

}  // namespace attribution::channels
