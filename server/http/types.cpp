#include "server/http/types.hpp"

#include <algorithm>

namespace attribution::http {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> request::header(std::string_view name) const {
    for (const field& f : fields) {
        if (equals_ignoring_case(f.name, name)) return f.value;
    }
    return std::nullopt;
}

std::optional<std::string_view> request::parameter(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const auto& [key, value] : parameters) {
        if (key != name) continue;
        if (found) return std::nullopt;
        found = value;
    }
    return found;
}

bool request::repeated(std::string_view name) const {
    return std::count_if(parameters.begin(), parameters.end(),
                         [&](const auto& p) { return p.first == name; }) > 1;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 204:
            return "No Content";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Unknown";
    }
}

}  // namespace attribution::http
