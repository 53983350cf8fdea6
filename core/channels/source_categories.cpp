#include "core/channels/source_categories.hpp"

#include "core/channels/glob.hpp"

namespace attribution::channels {

source_categories::source_categories(const std::vector<source_entry>& entries) {
    for (const source_entry& entry : entries)
        categories_.insert_or_assign(to_lower(entry.source), entry.category);
}

std::string_view source_categories::lookup(std::string_view name) const {
    const auto found = categories_.find(name);
    return found == categories_.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view source_categories::category_of(std::string_view source) const {
    if (categories_.empty()) return {};
    const std::string lowered = to_lower(source);
    std::string_view host = lowered;
    if (host.ends_with('.')) host.remove_suffix(1);
    if (const auto whole = lookup(host); !whole.empty() || host.find('.') == std::string_view::npos)
        return whole;

    // Parent hosts, longest first. The bare last label is not one: no entry stands for a whole top-level
    // domain.
    for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
        const std::string_view parent = host.substr(dot + 1);
        if (parent.find('.') == std::string_view::npos) break;
        if (const auto category = lookup(parent); !category.empty()) return category;
    }
    // Labels but the last, from right to left: the right ones name the owner of the site.
    std::string_view rest = host.substr(0, host.rfind('.'));
    while (true) {
        const auto dot = rest.rfind('.');
        const std::string_view label = dot == std::string_view::npos ? rest : rest.substr(dot + 1);
        if (const auto category = lookup(label); !category.empty()) return category;
        if (dot == std::string_view::npos) return {};
        rest = rest.substr(0, dot);
    }
}

}  // namespace attribution::channels
