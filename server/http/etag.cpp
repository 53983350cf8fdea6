#include "server/http/etag.hpp"

#include <algorithm>

#include "server/http/digest.hpp"

namespace attribution::http {

namespace {

constexpr std::size_t etag_digits = 32;

std::string_view without_weakness(std::string_view etag) {
    return etag.substr(etag.starts_with("W/") ? 2 : 0);
}

// A list of ETags in quotes, which may hold commas. What does not look like one ends the search: the answer
// is then sent.
bool lists(std::string_view known, std::string_view opaque) {
    while (true) {
        known.remove_prefix(std::min(known.find_first_not_of(" \t,"), known.size()));
        known = without_weakness(known);
        if (!known.starts_with('"')) return false;
        const std::size_t end = known.find('"', 1);
        if (end == std::string_view::npos) return false;
        if (known.substr(0, end + 1) == opaque) return true;
        known.remove_prefix(end + 1);
    }
}

// The comparison is the weak one; several fields are one list.
bool is_known(const request& r, std::string_view etag) {
    return std::any_of(r.fields.begin(), r.fields.end(), [etag](const field& f) {
        return equals_ignoring_case(f.name, "If-None-Match") &&
               (f.value == "*" || lists(f.value, without_weakness(etag)));
    });
}

}  // namespace

std::string weak_etag(std::string_view content) {
    return "W/\"" + sha256_hex(content).substr(0, etag_digits) + '"';
}

response unless_known(const request& r, response full, std::string etag) {
    if (is_known(r, etag)) {
        full.status = 304;
        full.body.clear();
    }
    full.fields.emplace_back("ETag", std::move(etag));
    return full;
}

}  // namespace attribution::http
