#include "core/pii/url.hpp"

#include <algorithm>
#include <array>

#include "core/pii/detect.hpp"
#include "core/pii/percent.hpp"
#include "core/pii/text.hpp"

namespace attribution::pii {

namespace {

// All that the built-in channel rules name.
constexpr auto click_ids = std::to_array<std::string_view>(
    {"gclid",  "gbraid", "wbraid", "dclid",     "fbclid",  "msclkid", "ttclid", "li_fat_id",
     "twclid", "epik",   "sccid",  "yclid",     "rdt_cid", "srsltid", "igshid", "igsh",
     "mc_cid", "mc_eid", "_kx",    "irclickid", "awc",     "cjevent"});

// Those that reports and ad platforms know; others may hold anything.
constexpr auto utm_names = std::to_array<std::string_view>(
    {"utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "utm_id", "utm_source_platform",
     "utm_creative_format", "utm_marketing_tactic"});

// What follows such a segment opens an order, a cart or an account to whoever has the address.
constexpr auto private_segments =
    std::to_array<std::string_view>({"account",      "accounts",   "activate",
                                     "authenticate", "cart",       "carts",
                                     "checkout",     "checkouts",  "customer_authentication",
                                     "gift_cards",   "invoices",   "login",
                                     "orders",       "password",   "profile",
                                     "recover",      "register",   "reset",
                                     "thank_you",    "unsubscribe"});

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string to_lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

struct url_parts {
    std::string_view authority;
    std::string_view path;
    std::string_view query;
};

url_parts split(std::string_view url) {
    url_parts parts;
    url = url.substr(0, url.find('#'));
    if (const std::size_t mark = url.find('?'); mark != std::string_view::npos) {
        parts.query = url.substr(mark + 1);
        url = url.substr(0, mark);
    }
    if (url.starts_with('/') && !url.starts_with("//")) {
        parts.path = url;
        return parts;
    }
    if (const std::size_t scheme = url.find("//"); scheme != std::string_view::npos)
        url = url.substr(scheme + 2);
    const std::size_t slash = url.find('/');
    parts.authority = url.substr(0, slash);
    parts.path = slash == std::string_view::npos ? std::string_view{} : url.substr(slash);
    return parts;
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

// A host name in small letters; empty for addresses in brackets and for what is none.
std::string host_of(std::string_view authority) {
    if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos)
        authority = authority.substr(user + 1);
    std::string host = to_lower(authority.substr(0, authority.find(':')));
    if (host.ends_with('.')) host.pop_back();
    const bool sound = !host.empty() && host.size() <= max_text_length &&
                       host.find('.') != std::string::npos && host.front() != '.' &&
                       std::all_of(host.begin(), host.end(), is_host_character);
    return sound && !find(host) ? host : std::string{};
}

// Long and of letters and digits mixed, without the hyphens of a readable address, or a UUID: a key rather
// than a name.
bool is_opaque(std::string_view segment) {
    if (segment.size() < 16 || segment.find_first_of("0123456789") == std::string_view::npos) return false;
    if (segment.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos) return true;
    return segment.find_first_of("-. ") == std::string_view::npos;
}

bool is_private(std::string_view segment) {
    return is_opaque(segment) ||
           std::any_of(private_segments.begin(), private_segments.end(),
                       [segment](auto name) { return equals_ignoring_case(segment, name); });
}

std::string path_of(std::string_view raw) {
    std::string path = percent_decode_fully(raw);
    if (path.empty() || path.size() > max_text_length || find(path) || clean_text(path) != path) return {};
    std::string_view rest = path;
    while (!rest.empty()) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        std::string_view segment = rest.substr(0, slash);
        if (segment.find(';') != std::string_view::npos || is_private(segment)) return {};
        rest.remove_prefix(std::min(slash + 1, rest.size()));
    }
    return path;
}

void read_parameter(std::string_view text, std::vector<url_parameter>& into) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string name = to_lower(percent_decode(text.substr(0, equals), true));
    const std::string_view value = text.substr(std::min(equals + 1, text.size()));
    if (value.empty()) return;
    if (const std::string_view click_id = click_id_name(name); !click_id.empty()) {
        into.push_back({std::string(click_id), {}});
    } else if (std::find(utm_names.begin(), utm_names.end(), name) != utm_names.end()) {
        // A plus is a blank in a form, but in a link that was written by hand it begins a telephone number.
        const std::string as_written = percent_decode_fully(value);
        std::string cleaned =
            find(as_written) ? clean_text(as_written) : clean_text(percent_decode_fully(value, true));
        if (!cleaned.empty()) into.push_back({name, std::move(cleaned)});
    }
}

}  // namespace

std::string_view click_id_name(std::string_view name) {
    const auto* found = std::find_if(click_ids.begin(), click_ids.end(), [name](std::string_view known) {
        return equals_ignoring_case(name, known);
    });
    return found == click_ids.end() ? std::string_view{} : *found;
}

std::string url_host(std::string_view url) {
    return host_of(split(url).authority);
}

cleaned_url clean_url(std::string_view url) {
    const url_parts parts = split(url);
    cleaned_url result;
    result.host = host_of(parts.authority);
    result.path = path_of(parts.path);
    for (std::string_view query = parts.query; !query.empty();) {
        const std::size_t end = std::min(query.find('&'), query.size());
        read_parameter(query.substr(0, end), result.parameters);
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return result;
}

}  // namespace attribution::pii
