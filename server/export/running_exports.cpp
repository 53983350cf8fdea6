#include "server/export/running_exports.hpp"

#include "server/db/places.hpp"
#include "server/http/problem.hpp"

namespace attribution::exports {

namespace {

constexpr int try_again_after = 10;  // seconds

}  // namespace

running_exports::place running_exports::take(const std::string& tenant_id) {
    if (all_ >= most_)
        throw http::unavailable("As many exports are running as this server allows.", try_again_after);
    const auto at = by_tenant_.try_emplace(tenant_id, 0).first;
    if (at->second >= db::most_of_one_tenant(most_))
        throw http::unavailable("As many exports of this tenant are running as this server allows.",
                                try_again_after);
    ++at->second;
    ++all_;
    return {*this, at};
}

void running_exports::give_back(std::map<std::string, std::size_t>::iterator at) {
    --all_;
    if (--at->second == 0) by_tenant_.erase(at);
}

}  // namespace attribution::exports
