// A pool that tenants share: none has all of its connections, unless there is but one. Who finds those of its
// tenant in use waits in the tenant's own line, and so is before nobody else.
#pragma once

#include <map>
#include <string>

#include "server/db/places.hpp"
#include "server/db/pool.hpp"

namespace attribution::db {

class tenant_pool {
  public:
    tenant_pool(boost::asio::any_io_executor executor, boost::asio::thread_pool& workers,
                const pool_options& options);

    // As pool::transaction(), in the same time. Throws problem 503 when the tenant's turn did not come in it.
    task<std::vector<result>> transaction(const std::string& tenant_id, const statement& role,
                                          std::span<const call> calls, access mode = access::read_write);

  private:
    using shares = std::map<std::string, places>;

    // One place of a share, given back at the end.
    class held_place {
      public:
        held_place(shares& of, shares::iterator at) : of_(of), at_(at) {}
        held_place(const held_place&) = delete;
        held_place& operator=(const held_place&) = delete;
        ~held_place();

      private:
        shares& of_;
        shares::iterator at_;
    };

    boost::asio::any_io_executor executor_;
    std::size_t most_of_one_;
    pool connections_;
    shares by_tenant_;  // of those that are being answered or wait
};

}  // namespace attribution::db
