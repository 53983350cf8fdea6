#include "server/http/router.hpp"

#include "server/http/problem.hpp"

namespace attribution::http {

task<response> router::dispatch(const request& r) const {
    std::string allowed;
    for (const mounted& m : mounted_) {
        if (m.at.path != r.path) continue;
        if (m.at.method == r.method) return m.at.handle(m.service, r);
        if (!allowed.empty()) allowed += ", ";
        allowed += m.at.method;
    }
    if (allowed.empty()) throw problem(404, "No resource of this server has this path.");
    throw problem(405, "This resource does not know this method.", "Use " + allowed + ".")
        .with("Allow", allowed);
}

std::string_view router::known_path(std::string_view path) const {
    for (const mounted& m : mounted_) {
        if (m.at.path == path) return m.at.path;
    }
    return "(no route)";
}

}  // namespace attribution::http
