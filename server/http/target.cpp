#include "server/http/target.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

namespace attribution::http {

bool read_target(std::string_view target, std::string& path,
                 std::vector<std::pair<std::string, std::string>>& parameters) {
    const auto url = boost::urls::parse_origin_form({target.data(), target.size()});
    if (!url) return false;
    path = url->path();
    for (auto&& parameter : url->params()) {
        const bool is_nothing = parameter.key.empty() && !parameter.has_value;  // as in /path? and /path?a=b&
        if (!is_nothing) parameters.emplace_back(std::move(parameter.key), std::move(parameter.value));
    }
    return true;
}

std::string write_target(std::string_view path,
                         const std::vector<std::pair<std::string, std::string>>& parameters) {
    std::string target(path);
    char separator = '?';
    for (const auto& [name, value] : parameters) {
        target += separator;
        target += name;
        target += '=';
        target += boost::urls::encode(value, boost::urls::unreserved_chars);
        separator = '&';
    }
    return target;
}

}  // namespace attribution::http
