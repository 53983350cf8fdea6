// One connection: libpq in pipeline mode on Asio. A whole transaction goes out in one piece and comes back in
// one piece, so it costs one round trip.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <optional>
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

// What a result of status PGRES_FATAL_ERROR says.
error error_of(const PGresult* failed);

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

    // For what COPY writes: BEGIN READ ONLY, the role and the calls; then query() and copy_out(); then
    // end_reading(). Until then the connection can do nothing else; who gives up lets go of it. These throw
    // as transaction() does.
    task<void> begin_reading(const statement& role, std::span<const call> calls);
    task<result> query(const std::string& sql);
    task<void> copy_out(const std::string& sql);
    task<void> end_reading();

    enum class copied { some, all };

    // Appends what comes of the copy until `into` has `enough` bytes, or about a second has passed.
    // `between_rows` is put before each row but the first.
    task<copied> read_copy(std::string& into, std::size_t enough, std::string_view between_rows);

    // The text as a literal; nullopt when it is not valid UTF-8.
    std::optional<std::string> quoted(std::string_view text);

    // False when the server has gone away while nothing was asked of it, or a transaction was not ended.
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
    void allow_for_patience();
    task<bool> copy_has_begun(std::chrono::steady_clock::time_point until);
    task<result> last_result();
    task<bool> wait_readable_until(std::chrono::steady_clock::time_point until);
    [[noreturn]] void lost(const std::string& what);

    std::unique_ptr<PGconn, void (*)(PGconn*)> raw_;
    boost::asio::posix::stream_descriptor descriptor_;
    boost::asio::steady_timer deadline_;
    std::chrono::milliseconds patience_;
    std::unordered_set<std::string_view> prepared_;  // names
    bool broken_ = false;
    bool copying_ = false;                                    // rows come
    bool copied_any_ = false;                                 // a row has come
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // lets a late timer see that this is gone
};

}  // namespace attribution::db
