#include "core/channels/rule_set.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace attribution::channels {

// The signals in small letters, made once for all rules; the category is looked up once too.
struct rule_set::lowered_visit {
    lowered_visit(const signals_view& visit, const source_categories* categories)
        : source(to_lower(visit.source.empty() ? visit.referrer_host : visit.source)),
          medium(to_lower(visit.medium)),
          campaign(to_lower(visit.campaign)),
          referrer_host(to_lower(visit.referrer_host)),
          click_id(to_lower(visit.click_id)),
          category(categories == nullptr ? std::string_view{} : categories->category_of(source)) {}

    std::string source;
    std::string medium;
    std::string campaign;
    std::string referrer_host;
    std::string click_id;
    std::string_view category;
};

namespace {

std::optional<std::vector<glob>> compile_globs(const rule::texts& patterns) {
    if (!patterns) return std::nullopt;
    return std::vector<glob>(patterns->begin(), patterns->end());
}

bool any_matches(const std::optional<std::vector<glob>>& patterns, std::string_view lowered) {
    return !patterns || std::any_of(patterns->begin(), patterns->end(),
                                    [lowered](const glob& one) { return one.matches_lowered(lowered); });
}

bool any_equals(const rule::texts& names, std::string_view lowered) {
    return !names || std::find(names->begin(), names->end(), lowered) != names->end();
}

}  // namespace

rule_set::compiled_rule rule_set::compile(rule from) {
    compiled_rule result;
    result.source_like = compile_globs(from.source_like);
    result.medium_like = compile_globs(from.medium_like);
    result.campaign_like = compile_globs(from.campaign_like);
    result.referrer_like = compile_globs(from.referrer_like);
    result.click_id_in = from.click_id_in;
    if (result.click_id_in)
        for (std::string& name : *result.click_id_in) name = to_lower(name);
    result.source = std::move(from);
    return result;
}

rule_set::rule_set(std::vector<rule> rules, std::shared_ptr<const source_categories> categories)
    : categories_(std::move(categories)) {
    std::sort(rules.begin(), rules.end(), [](const rule& a, const rule& b) {
        return std::tie(a.priority, a.name) < std::tie(b.priority, b.name);
    });
    compiled_.reserve(rules.size());
    for (rule& one : rules) compiled_.push_back(compile(std::move(one)));
}

bool rule_set::holds(const compiled_rule& rule, const lowered_visit& visit) {
    return (!rule.source.source_category || *rule.source.source_category == visit.category) &&
           any_matches(rule.medium_like, visit.medium) && any_matches(rule.source_like, visit.source) &&
           any_equals(rule.click_id_in, visit.click_id) && any_matches(rule.campaign_like, visit.campaign) &&
           any_matches(rule.referrer_like, visit.referrer_host);
}

const rule* rule_set::match(const signals_view& visit) const {
    if (compiled_.empty()) return nullptr;
    const lowered_visit lowered(visit, categories_.get());
    const auto found = std::find_if(compiled_.begin(), compiled_.end(),
                                    [&lowered](const compiled_rule& one) { return holds(one, lowered); });
    return found == compiled_.end() ? nullptr : &found->source;
}

}  // namespace attribution::channels
