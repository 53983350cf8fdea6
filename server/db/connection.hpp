// One connection: libpq in pipeline mode on Asio. A whole transaction goes out in one piece and comes back in
// one piece, so it costs one round trip.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "server/db/error.hpp"
#include "server/db/statement.hpp"
#include "server/http/types.hpp"

namespace attribution::db {

struct connect_options {
    std::string conninfo;  // libpq's; empty: its environment variables
    std::chrono::milliseconds statement_timeout{15'000};
    PQnoticeReceiver on_warning = nullptr;  // nullptr: warnings are not looked at
};

// read_only: all calls see one snapshot.
enum class access { read_write, read_only };

class connection {
  public:
    // Connects on `workers`: libpq looks names up synchronously, which may take seconds. Throws
    // connection_lost.
    static task<std::unique_ptr<connection>> open(boost::asio::thread_pool& workers,
                                                  const connect_options& options);

    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    // BEGIN, the role, the calls, COMMIT. Returns the results of the calls once COMMIT has succeeded. Throws
    // error after rolling back; throws connection_lost when the outcome cannot be known.
    task<std::vector<result>> transaction(const statement& role, std::span<const call> calls,
                                          access mode = access::read_write);

    // False when the server has gone away while nothing was asked of it.
    bool is_alive();

  private:
    struct step {
        const statement* what;
        bool prepares;
    };

    connection(const boost::asio::any_io_executor& executor, PGconn* raw, std::chrono::milliseconds patience);

    task<std::vector<result>> run(std::span<const call* const> calls);
    void send(const call& c, std::vector<step>& steps);
    task<void> flush();
    task<void> wait_readable();
    task<result> next_result();
    task<void> roll_back();
    [[noreturn]] void lost(const std::string& what);

    std::unique_ptr<PGconn, void (*)(PGconn*)> raw_;
    boost::asio::posix::stream_descriptor descriptor_;
    boost::asio::steady_timer deadline_;
    std::chrono::milliseconds patience_;
    std::unordered_set<std::string_view> prepared_;  // names
    bool broken_ = false;
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // lets a late timer see that this is gone
};

}  // namespace attribution::db
