// Reading with COPY: the part of a connection that works outside of pipeline mode, in which libpq refuses
// COPY.
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/db/connection.hpp"

namespace attribution::db {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using steady = std::chrono::steady_clock;

// How long a read waits for more before it comes back with what there is.
constexpr std::chrono::seconds a_second{1};

}  // namespace

task<void> connection::begin_reading(const statement& role, std::span<const call> calls) {
    const call begins(begin_read_only);
    const call switches(role);
    std::vector<const call*> all{&begins, &switches};
    for (const call& c : calls) all.push_back(&c);
    allow_for_patience();
    co_await run(all);
    if (PQexitPipelineMode(raw_.get()) != 1) lost("libpq cannot leave pipeline mode");
}

task<result> connection::query(const std::string& sql) {
    if (PQsendQuery(raw_.get(), sql.c_str()) != 1) lost("cannot send");
    co_await flush();
    co_return co_await last_result();
}

// The database holds its answer back until it has sent some rows, so nothing is waited for here.
task<void> connection::copy_out(const std::string& sql) {
    if (PQsendQuery(raw_.get(), sql.c_str()) != 1) lost("cannot send");
    co_await flush();
    copying_ = false;
    copied_any_ = false;
}

task<connection::copied> connection::read_copy(std::string& into, std::size_t enough,
                                               std::string_view between_rows) {
    const auto until = steady::now() + a_second;
    if (!copying_ && !co_await copy_has_begun(until)) co_return copied::some;
    while (into.size() < enough) {
        char* row = nullptr;
        const int length = PQgetCopyData(raw_.get(), &row, 1);
        if (length > 0) {
            if (copied_any_) into += between_rows;
            copied_any_ = true;
            into.append(row, static_cast<std::size_t>(length));
            PQfreemem(row);
        } else if (length < 0) {
            co_await last_result();
            co_return copied::all;
        } else if (!co_await wait_readable_until(until)) {
            co_return copied::some;
        }
    }
    co_return copied::some;
}

// False when there is no answer by then.
task<bool> connection::copy_has_begun(steady::time_point until) {
    while (PQisBusy(raw_.get()) == 1) {
        if (!co_await wait_readable_until(until)) co_return false;
    }
    const result answer = co_await next_result();
    if (answer.status() == PGRES_FATAL_ERROR) throw error_of(answer.raw());
    if (answer.status() != PGRES_COPY_OUT) lost("the copy does not begin");
    copying_ = true;
    co_return true;
}

// Of a statement the only result, or the one by which it ends. Throws the error that it is.
task<result> connection::last_result() {
    result answer = co_await next_result();
    if (const result end = co_await next_result(); end.raw() != nullptr) lost("unexpected result");
    if (answer.status() == PGRES_FATAL_ERROR) throw error_of(answer.raw());
    co_return answer;
}

task<void> connection::end_reading() {
    const result done = co_await query("COMMIT");
    if (done.command_tag() != "COMMIT") throw error("25P02", "the transaction was rolled back");
    deadline_.cancel();
    if (PQenterPipelineMode(raw_.get()) != 1) lost("libpq cannot enter pipeline mode");
}

// False when nothing came by then.
task<bool> connection::wait_readable_until(steady::time_point until) {
    using namespace asio::experimental::awaitable_operators;
    if (steady::now() >= until) co_return false;
    asio::steady_timer timer(descriptor_.get_executor(), until);
    error_code failed;
    error_code ignored;
    const auto first = co_await (descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                                        asio::redirect_error(asio::use_awaitable, failed)) ||
                                 timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored)));
    if (first.index() == 1) co_return false;
    if (failed) lost("the database does not answer in time");
    if (PQconsumeInput(raw_.get()) != 1) lost("the connection was closed");
    co_return true;
}

std::optional<std::string> connection::quoted(std::string_view text) {
    const std::unique_ptr<char, void (*)(void*)> literal(
        PQescapeLiteral(raw_.get(), text.data(), text.size()), &PQfreemem);
    return literal ? std::optional<std::string>(literal.get()) : std::nullopt;
}

}  // namespace attribution::db
