#include "server/http/target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace attribution::http {

bool read_target(std::string_view target, std::string& path,
                 std::vector<std::pair<std::string, std::string>>& parameters) {
    const auto url = boost::urls::parse_origin_form({target.data(), target.size()});
    if (!url) return false;
    path = url->path();
    for (auto&& parameter : url->params())
        parameters.emplace_back(std::move(parameter.key), std::move(parameter.value));
    return true;
}

}  // namespace attribution::http
