#include "server/db/tenant_pool.hpp"

#include "server/http/problem.hpp"

namespace attribution::db {

tenant_pool::held_place::~held_place() {
    places& share = at_->second;
    share.give_back();
    if (share.taken() == 0) of_.erase(at_);
}

tenant_pool::tenant_pool(boost::asio::any_io_executor executor, boost::asio::thread_pool& workers,
                         const pool_options& options)
    : executor_(executor),
      most_of_one_(most_of_one_tenant(options.size)),
      connections_(std::move(executor), workers, options) {}

task<std::vector<result>> tenant_pool::transaction(const std::string& tenant_id, const statement& role,
                                                   std::span<const call> calls, access mode) {
    const auto share = by_tenant_.try_emplace(tenant_id, executor_, most_of_one_).first;
    // For both lines together.
    const auto deadline = connections_.deadline();
    if (!co_await share->second.take(deadline))
        throw http::unavailable("As many requests of this tenant are being answered as this server allows.",
                                2, "Send fewer at a time, and this one again later; it is safe to repeat.");
    const held_place place(by_tenant_, share);
    const pool::lease connection = co_await connections_.hold(deadline);
    co_return co_await connection->transaction(role, calls, mode);
}

}  // namespace attribution::db
