#include "server/http/router.hpp"

#include "server/http/problem.hpp"

namespace attribution::http {

namespace {

constexpr std::string_view no_route = "(no route)";  // no path: those begin with a slash

bool is_below(std::string_view path, std::string_view pattern) {
    return pattern.ends_with("/*") && path.starts_with(pattern.substr(0, pattern.size() - 1));
}

// HEAD asks for what GET would answer; its content is left out when the answer is written.
bool answers(const route& at, std::string_view method) {
    return at.method == method || (at.method == "GET" && method == "HEAD");
}

}  // namespace

task<void> router::admit(const request& head) const {
    const mounted& m = find(head);
    if (m.at.admit != nullptr) co_await m.at.admit(m.service, head);
}

task<response> router::dispatch(const request& r) const {
    const mounted& m = find(r);
    return m.at.handle(m.service, r);
}

const router::mounted& router::find(const request& r) const {
    const std::string_view path = known_path(r.path);
    if (path == no_route) throw problem(404, "No resource of this server has this path.");
    std::string allowed;
    for (const mounted& m : mounted_) {
        if (m.at.path != path) continue;
        if (answers(m.at, r.method)) return m;
        if (!allowed.empty()) allowed += ", ";
        allowed += m.at.method;
        if (m.at.method == "GET") allowed += ", HEAD";
    }
    throw problem(405, "This resource does not know this method.", "Use " + allowed + ".")
        .with("Allow", allowed);
}

std::string_view router::known_path(std::string_view path) const {
    std::string_view found = no_route;
    for (const mounted& m : mounted_) {
        if (m.at.path == path) return m.at.path;
        if (is_below(path, m.at.path)) found = m.at.path;
    }
    return found;
}

}  // namespace attribution::http
