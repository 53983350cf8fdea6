#include "server/http/session.hpp"

#include <algorithm>
#include <cstring>

#include "server/http/body_reader.hpp"
#include "server/http/correlation.hpp"
#include "server/http/log.hpp"
#include "server/http/problem.hpp"
#include "server/http/serialize.hpp"
#include "server/http/target.hpp"

namespace attribution::http {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t buffer_bytes = std::size_t{16} * 1024;
constexpr std::size_t linger_bytes = std::size_t{4} * 1024 * 1024;
constexpr std::chrono::seconds linger_time{2};

// A method the client made up could hold anything; logs name the usual ones only.
std::string_view loggable_method(std::string_view method) {
    for (const std::string_view known : {"GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
        if (method == known) return known;
    }
    return "(other)";
}

void log_request(const request& r, std::string_view path, int status, steady::time_point began) {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady::now() - began);
    const std::string_view trace_id = r.traceparent.empty() ? r.traceparent : r.traceparent.substr(3, 32);
    log::write(status >= 500 ? log::level::warn : log::level::info, "request", "correlation_id",
               r.correlation_id, "trace_id", trace_id, "method", loggable_method(r.method), "path", path,
               "status", status, "body_bytes", r.body.size(), "duration_us", took.count());
}

// Inside a catch block: what the client is told of what was thrown.
response answer_to_exception(std::string_view correlation_id) {
    try {
        throw;
    } catch (const problem& p) {
        return to_response(p, correlation_id);
    } catch (const std::exception& error) {
        log::write(log::level::error, "handler_failed", "correlation_id", correlation_id, "reason",
                   error.what());
        return to_response(problem(500, "The server failed on this request; its log has the correlation id."),
                           correlation_id);
    }
}

}  // namespace

session::session(std::unique_ptr<transport> stream, std::string client_address, const router& routes,
                 const limits& bounds)
    : stream_(std::move(stream)),
      client_address_(std::move(client_address)),
      router_(routes),
      limits_(bounds),
      buffer_(buffer_bytes) {
    enter(phase::head);
}

task<void> session::run() {
    try {
        if (!co_await stream_->handshake()) {
            while (co_await serve_one()) {
            }
        }
    } catch (const std::exception& error) {
        log::write(log::level::error, "connection_failed", "reason", error.what());
    }
    stream_->close();
}

void session::enter(phase p) {
    phase_ = p;
    const auto now = steady::now();
    switch (p) {
        case phase::idle:
            deadline_ = now + limits_.idle_timeout;
            break;
        case phase::head:
            deadline_ = now + limits_.header_timeout;
            break;
        case phase::body:
            deadline_ = now + limits_.body_timeout;
            break;
        case phase::handling:
            deadline_ = steady::time_point::max();
            break;
        case phase::writing:
            deadline_ = now + limits_.write_timeout;
            break;
        case phase::lingering:
            deadline_ = now + linger_time;
            break;
    }
}

void session::check_deadline(steady::time_point now) {
    if (now < deadline_) return;
    timed_out_ = true;
    stream_->cancel();
}

std::optional<steady::time_point> session::idle_since() const {
    if (phase_ != phase::idle) return std::nullopt;
    return deadline_ - limits_.idle_timeout;
}

void session::drain() {
    draining_ = true;
    if (phase_ == phase::idle) stream_->cancel();
}

void session::consume(std::size_t n) {
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
}

// False when the connection has ended or its time is up.
task<bool> session::read_more() {
    if (end_ == buffer_.size()) {
        if (begin_ == 0) co_return false;
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    error_code failed;
    end_ += co_await stream_->read_some({buffer_.data() + end_, buffer_.size() - end_}, failed);
    co_return !failed;
}

// Moves one whole head into head_text_. False when the connection is to end; then all has been answered.
task<bool> session::read_request_head() {
    std::size_t scanned = 0;
    enter(unread().empty() ? phase::idle : phase::head);
    bool may_skip_line = true;
    while (true) {
        // One empty line before a request is tolerated, as RFC 9112 asks.
        if (may_skip_line && unread().size() >= 2) {
            if (unread().starts_with("\r\n")) consume(2);
            may_skip_line = false;
        }
        const auto length = find_head_end(unread(), scanned);
        if (length && *length <= max_head_bytes) {
            head_text_.assign(unread().substr(0, *length));
            consume(*length);
            co_return true;
        }
        if (length || unread().size() > max_head_bytes)
            co_return co_await refuse(431, "The header is larger than 8 KiB.");
        if (is_hopeless(unread()))
            co_return co_await refuse(400, "The header holds a control character, or a bare CR or LF.");
        if (draining_ && unread().empty()) co_return false;
        if (!co_await read_more()) {
            if (timed_out_ && phase_ == phase::head && !unread().empty())
                co_await refuse(408, "The header did not arrive in time.");
            co_return false;
        }
        if (phase_ == phase::idle) enter(phase::head);
    }
}

task<bool> session::read_body(const request_head& head, std::string& body) {
    if (head.content_length > limits_.body_bytes)
        co_return co_await refuse(413, "The body is larger than this server takes.");
    body_reader reader(limits_.body_bytes);
    std::size_t consumed = 0;
    auto state = reader.put(head_text_, consumed);
    if (head.expects_continue && state == body_reader::state::need_more && unread().empty()) {
        if (co_await stream_->write_all("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
    }
    enter(phase::body);
    while (state == body_reader::state::need_more) {
        if (unread().empty() || consumed == 0) {
            if (!co_await read_more()) {
                if (timed_out_)
                    co_await refuse(408, "The body did not arrive in time.");
                else if (begin_ == 0 && end_ == buffer_.size())
                    co_await refuse(400, "The chunked body is malformed.");
                co_return false;
            }
        }
        state = reader.put(unread(), consumed);
        consume(consumed);
    }
    if (state == body_reader::state::too_large)
        co_return co_await refuse(413, "The body is larger than this server takes.");
    if (state == body_reader::state::malformed)
        co_return co_await refuse(400, "The request or its chunked body is malformed.");
    body = reader.take();
    co_return true;
}

// False when the connection is to end.
task<bool> session::serve_one() {
    if (!co_await read_request_head()) co_return false;
    const auto began = steady::now();
    auto checked = read_head(head_text_);
    if (const auto* bad = std::get_if<refusal>(&checked)) co_return co_await refuse(bad->status, bad->detail);
    auto& head = std::get<request_head>(checked);

    request r;
    std::string body;
    r.method = head.method;
    r.client_address = client_address_;
    r.fields = std::move(head.fields);
    if (!read_target(head.target, r.path, r.parameters))
        co_return co_await refuse(400, "The request target is not a valid path with query.");
    r.correlation_id = correlation_id_from(r.header("X-Correlation-ID").value_or(""));
    if (const auto trace = r.header("traceparent"); trace && is_traceparent(*trace)) r.traceparent = *trace;

    enter(phase::handling);
    std::optional<response> reply = co_await refuse_early(r);
    const bool body_is_left = reply && head.has_body();
    if (!reply) {
        if (head.has_body() && !co_await read_body(head, body)) co_return false;
        r.body = body;
        enter(phase::handling);
        reply = co_await handle(r);
    }
    log_request(r, router_.known_path(r.path), reply->status, began);
    co_return co_await answer(*reply, r.method, r.correlation_id, head.http_1_1,
                              head.keep_alive && !draining_ && !body_is_left);
}

// An answer when the head alone is reason enough; its body is then not waited for.
task<std::optional<response>> session::refuse_early(const request& r) {
    try {
        co_await router_.admit(r);
        co_return std::nullopt;
    } catch (...) {
        co_return answer_to_exception(r.correlation_id);
    }
}

task<response> session::handle(const request& r) {
    try {
        co_return co_await router_.dispatch(r);
    } catch (...) {
        co_return answer_to_exception(r.correlation_id);
    }
}

task<bool> session::answer(response& reply, std::string_view method, std::string_view correlation_id,
                           bool http_1_1, bool keep_alive) {
    if (reply.stream && method != "HEAD")
        co_return co_await answer_in_pieces(reply, correlation_id, http_1_1, keep_alive && http_1_1);
    enter(phase::writing);
    serialize(out_, reply, {correlation_id, http_1_1, keep_alive, method == "HEAD"});
    const bool failed = static_cast<bool>(co_await stream_->write_all(out_));
    if (!failed && !keep_alive) co_await linger();
    co_return !failed && keep_alive;
}

// Answers a request that is not going to be handled, and ends the connection: where the next request would
// begin is not known. Always false, so that callers can return it.
task<bool> session::refuse(int status, std::string_view detail) {
    timed_out_ = false;
    const std::string id = make_correlation_id();
    log::write(log::level::info, "refused", "correlation_id", id, "status", status, "reason", detail);
    response reply = to_response(problem(status, std::string(detail)), id);
    co_return co_await answer(reply, "", id, true, false);
}

// Closing with unread bytes would reset the connection and could destroy the answer on its way.
task<void> session::linger() {
    enter(phase::lingering);
    co_await stream_->shutdown();
    for (std::size_t discarded = 0; discarded < linger_bytes;) {
        error_code failed;
        const std::size_t n = co_await stream_->read_some({buffer_.data(), buffer_.size()}, failed);
        if (failed) co_return;
        discarded += n;
    }
}

}  // namespace attribution::http
