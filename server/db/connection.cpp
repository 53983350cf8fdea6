#include "server/db/connection.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string_view>

namespace attribution::db {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using raw_connection = std::unique_ptr<PGconn, void (*)(PGconn*)>;

// Beyond the server's own statement timeout: the network may have gone silent.
constexpr std::chrono::seconds extra_patience{5};

constexpr statement begin_read_write{"begin_rw", "BEGIN"};
constexpr statement commit{"commit", "COMMIT"};
constexpr statement rollback{"rollback", "ROLLBACK"};

std::string text_or_empty(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

std::string message_of(PGconn* raw) {
    std::string text = text_or_empty(PQerrorMessage(raw));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

// Runs on a worker thread. What comes earlier in the list can be overridden by the conninfo.
raw_connection connect_blocking(const connect_options& options) {
    const char* const keywords[] = {"connect_timeout", "application_name", "tcp_user_timeout",
                                    "dbname",          "client_encoding",  nullptr};
    const char* const values[] = {"5", "attributiond", "20000", options.conninfo.c_str(), "UTF8", nullptr};
    raw_connection raw(PQconnectdbParams(keywords, values, 1), &PQfinish);
    if (!raw || PQstatus(raw.get()) != CONNECTION_OK) return raw;
    const std::string timeout = std::to_string(options.statement_timeout.count());
    const std::string settings =
        "SET statement_timeout = " + timeout + "; SET idle_in_transaction_session_timeout = " + timeout +
        "; SET client_min_messages = warning; SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'";
    const result done(PQexec(raw.get(), settings.c_str()));
    if (done.status() != PGRES_COMMAND_OK) raw.reset(nullptr);
    return raw;
}

void ignore_notice(void*, const PGresult*) {}

}  // namespace

error error_of(const PGresult* failed) {
    const auto field = [failed](int code) { return text_or_empty(PQresultErrorField(failed, code)); };
    return {field(PG_DIAG_SQLSTATE), field(PG_DIAG_MESSAGE_PRIMARY), field(PG_DIAG_MESSAGE_DETAIL),
            field(PG_DIAG_MESSAGE_HINT)};
}

task<std::unique_ptr<connection>> connection::open(asio::thread_pool& workers,
                                                   const connect_options& options) {
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(workers, asio::bind_executor(workers, asio::use_awaitable));
    raw_connection raw = connect_blocking(options);
    co_await asio::post(executor, asio::use_awaitable);
    if (!raw) throw connection_lost("the new connection was refused its settings");
    if (PQstatus(raw.get()) != CONNECTION_OK) throw connection_lost(message_of(raw.get()));
    // The session's client_min_messages lets nothing below warnings through.
    PQsetNoticeReceiver(raw.get(), options.on_warning != nullptr ? options.on_warning : &ignore_notice,
                        nullptr);
    if (PQsetnonblocking(raw.get(), 1) != 0 || PQenterPipelineMode(raw.get()) != 1)
        throw connection_lost("libpq cannot enter pipeline mode");
    co_return std::unique_ptr<connection>(
        new connection(executor, raw.release(), options.statement_timeout + extra_patience));
}

connection::connection(const asio::any_io_executor& executor, PGconn* raw, std::chrono::milliseconds patience)
    : raw_(raw, &PQfinish), descriptor_(executor, PQsocket(raw)), deadline_(executor), patience_(patience) {}

connection::~connection() {
    // The socket is libpq's to close.
    if (descriptor_.is_open()) descriptor_.release();
}

bool connection::is_alive() {
    // Twice: the first read may bring the server's goodbye, and only the second one the end of the stream.
    return !broken_ && PQpipelineStatus(raw_.get()) == PQ_PIPELINE_ON &&
           PQtransactionStatus(raw_.get()) == PQTRANS_IDLE && PQconsumeInput(raw_.get()) == 1 &&
           PQconsumeInput(raw_.get()) == 1 && PQstatus(raw_.get()) == CONNECTION_OK;
}

void connection::lost(const std::string& what) {
    broken_ = true;
    const std::string reason = message_of(raw_.get());
    throw connection_lost(reason.empty() ? what : reason);
}

task<std::vector<result>> connection::transaction(const statement& role, std::span<const call> calls,
                                                  access mode) {
    const call begins(mode == access::read_only ? begin_read_only : begin_read_write);
    const call switches(role);
    const call commits(commit);
    std::vector<const call*> all;
    all.push_back(&begins);
    all.push_back(&switches);
    for (const call& c : calls) all.push_back(&c);
    all.push_back(&commits);

    allow_for_patience();
    std::vector<result> results = co_await run(all);
    deadline_.cancel();
    // A COMMIT of a failed transaction succeeds as ROLLBACK.
    if (results.back().command_tag() != "COMMIT") throw error("25P02", "the transaction was rolled back");
    results.pop_back();
    results.erase(results.begin(), results.begin() + 2);
    co_return results;
}

void connection::allow_for_patience() {
    deadline_.expires_after(patience_);
    deadline_.async_wait([this, alive = std::weak_ptr<char>(alive_)](error_code cancelled) {
        if (!cancelled && !alive.expired()) descriptor_.cancel();
    });
}

void connection::send(const call& c, std::vector<step>& steps) {
    const statement& s = *c.what;
    const int count = static_cast<int>(c.parameters.size());
    if (!prepared_.contains(s.name)) {
        if (PQsendPrepare(raw_.get(), s.name, s.sql, count, nullptr) != 1) lost("cannot send");
        steps.push_back({&s, true});
    }
    std::vector<const char*> values;
    values.reserve(c.parameters.size());
    for (const auto& parameter : c.parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
    if (PQsendQueryPrepared(raw_.get(), s.name, count, values.data(), nullptr, nullptr, 0) != 1)
        lost("cannot send");
    steps.push_back({&s, false});
}

task<std::vector<result>> connection::run(std::span<const call* const> calls) {
    std::vector<step> steps;
    std::vector<result> results;
    std::optional<error> failed;
    for (const call* c : calls) send(*c, steps);
    if (PQpipelineSync(raw_.get()) != 1) lost("cannot send");
    co_await flush();

    for (const step& s : steps) {
        result r = co_await next_result();
        const auto status = r.status();
        if (status == PGRES_FATAL_ERROR && !failed) failed = error_of(r.raw());
        if (status == PGRES_COMMAND_OK && s.prepares) prepared_.insert(s.what->name);
        if (!s.prepares) results.push_back(std::move(r));
        // Each command's results end with NULL.
        if (const result end = co_await next_result(); end.raw() != nullptr) lost("unexpected result");
    }
    if (const result sync = co_await next_result(); sync.status() != PGRES_PIPELINE_SYNC)
        lost("no pipeline sync");
    if (!failed) co_return results;
    co_await roll_back();
    // Its timer would keep the process of a command that ends here.
    deadline_.cancel();
    throw error(std::move(*failed));
}

// After a failure inside BEGIN the session waits in its aborted transaction.
task<void> connection::roll_back() {
    if (PQtransactionStatus(raw_.get()) == PQTRANS_IDLE) co_return;
    const call rolls_back(rollback);
    const call* const only = &rolls_back;
    co_await run({&only, 1});
    if (PQtransactionStatus(raw_.get()) != PQTRANS_IDLE) lost("the transaction cannot be ended");
}

task<void> connection::flush() {
    using namespace asio::experimental::awaitable_operators;
    while (true) {
        const int left = PQflush(raw_.get());
        if (left == 0) co_return;
        if (left < 0) lost("cannot send");
        // The server may wait for us to read before it reads on.
        try {
            co_await (
                descriptor_.async_wait(asio::posix::stream_descriptor::wait_write, asio::use_awaitable) ||
                descriptor_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable));
        } catch (const boost::system::system_error&) {
            lost("the database does not answer in time");
        }
        if (PQconsumeInput(raw_.get()) != 1) lost("the connection was closed");
    }
}

task<void> connection::wait_readable() {
    error_code failed;
    co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                    asio::redirect_error(asio::use_awaitable, failed));
    if (failed) lost("the database does not answer in time");
    if (PQconsumeInput(raw_.get()) != 1) lost("the connection was closed");
}

task<result> connection::next_result() {
    while (PQisBusy(raw_.get()) == 1) co_await wait_readable();
    result r(PQgetResult(raw_.get()));
    if (PQstatus(raw_.get()) != CONNECTION_OK) lost("the connection was closed");
    co_return r;
}

}  // namespace attribution::db
