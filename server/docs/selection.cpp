#include "server/docs/selection.hpp"

#include <algorithm>
#include <set>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"

namespace attribution::docs {

namespace {

bool names(const std::vector<std::string>& services, std::string_view service) {
    return std::find(services.begin(), services.end(), service) != services.end();
}

class selection {
  public:
    selection(json::value all, const std::vector<std::string>& services) : all_(all), services_(services) {
        for (const json::value path : all_["paths"]) {
            if (runs(path)) find_uses(path);
        }
        for (const json::value group : all_["x-tagGroups"]) {
            if (!runs(group)) continue;
            for (const json::value tag : group["tags"]) tags_.insert(tag.text());
        }
    }

    std::string text() {
        out_.begin_object();
        for (const json::value part : all_) {
            out_.key(part.key());
            if (part.key() == "paths" || part.key() == "x-tagGroups")
                copy_if(part, [this](json::value element) { return runs(element); });
            else if (part.key() == "tags")
                copy_if(part, [this](json::value tag) { return tags_.contains(tag["name"].text()); });
            else if (part.key() == "components")
                copy_components(part);
            else
                copy(part);
        }
        out_.end_object();
        return std::move(out_).text();
    }

  private:
    bool runs(json::value part) const { return names(services_, part["x-service"].text()); }

    // Remembers the components that a part refers to, and what those refer to.
    void find_uses(json::value part) {  // NOLINT(misc-no-recursion)
        if (part.key() == "$ref") use(part.text());
        if (part.key() == "security") {
            for (const json::value alternative : part) {
                for (const json::value scheme : alternative)
                    use("#/components/securitySchemes/" + std::string(scheme.key()));
            }
        }
        for (const json::value inner : part) find_uses(inner);
    }

    void use(std::string_view reference) {  // NOLINT(misc-no-recursion)
        if (!used_.emplace(reference).second) return;
        json::value at = all_;
        for (std::size_t begin = 2; begin <= reference.size();) {
            const std::size_t end = std::min(reference.find('/', begin), reference.size());
            at = at[reference.substr(begin, end - begin)];
            begin = end + 1;
        }
        find_uses(at);
    }

    void copy_components(json::value components) {
        out_.begin_object();
        for (const json::value kind : components) {
            out_.key(kind.key());
            const std::string place = "#/components/" + std::string(kind.key()) + '/';
            copy_if(kind, [&](json::value component) {
                return used_.contains(place + std::string(component.key()));
            });
        }
        out_.end_object();
    }

    template <class Predicate>
    void copy_if(json::value container, Predicate wanted) {  // NOLINT(misc-no-recursion)
        const bool is_object = container.is_object();
        is_object ? out_.begin_object() : out_.begin_array();
        for (const json::value element : container) {
            if (!wanted(element)) continue;
            if (is_object) out_.key(element.key());
            copy(element);
        }
        is_object ? out_.end_object() : out_.end_array();
    }

    void copy(json::value from) {  // NOLINT(misc-no-recursion)
        switch (from.kind()) {
            case json::kind::object:
            case json::kind::array:
                return copy_if(from, [](json::value) { return true; });
            case json::kind::string:
                out_.string(from.text());
                return;
            case json::kind::null:
                out_.null();
                return;
            default:
                out_.raw(from.text());
        }
    }

    json::value all_;
    const std::vector<std::string>& services_;
    std::set<std::string_view> tags_;
    std::set<std::string> used_;
    json::writer out_;
};

// The text that begins at `at`, up to and with the end of its line.
std::string_view line_at(std::string_view text, std::size_t at) {
    return text.substr(at, std::min(text.find('\n', at), text.size() - 1) + 1 - at);
}

bool names_any(std::string_view list, const std::vector<std::string>& services) {
    return std::any_of(services.begin(), services.end(), [list](const std::string& service) {
        return list.find(' ' + service + ' ') != std::string_view::npos;
    });
}

}  // namespace

std::string select_document(std::string_view all, const std::vector<std::string>& services) {
    const json::document document = json::parse(all);
    return selection(document.root(), services).text();
}

std::string select_page(std::string_view all, const std::vector<std::string>& services) {
    constexpr std::string_view opening = "<!-- of";
    std::string page;
    bool wanted = true;
    for (std::size_t at = 0; at < all.size();) {
        const std::string_view line = line_at(all, at);
        at += line.size();
        if (line.starts_with(opening))
            wanted = names_any(line.substr(opening.size()), services);
        else if (line == "<!-- end -->\n")
            wanted = true;
        else if (wanted)
            page += line;
    }
    return page;
}

}  // namespace attribution::docs
