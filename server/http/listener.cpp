#include "server/http/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "server/http/lasting.hpp"
#include "server/http/log.hpp"

namespace attribution::http {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds deadline_grain{250};
constexpr std::chrono::milliseconds accept_pause{100};

void require(const error_code& failed, const listener_options& options) {
    if (failed)
        throw std::runtime_error("cannot listen on " + options.address + " port " +
                                 std::to_string(options.port) + ": " + failed.message());
}

}  // namespace

listener::listener(asio::io_context& io, listener_options options, const router& routes)
    : io_(io),
      options_(std::move(options)),
      router_(routes),
      acceptor_(io),
      deadline_clock_(io),
      changed_(io) {
    if (!options_.tls_certificate.empty()) tls_.emplace(options_.tls_certificate, options_.tls_key);
    error_code failed;
    const auto address = asio::ip::make_address(options_.address, failed);
    require(failed, options_);
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), failed);
    require(failed, options_);
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint, failed);
    require(failed, options_);
    acceptor_.listen(tcp::acceptor::max_listen_connections, failed);
    require(failed, options_);
    asio::co_spawn(io_, accept_loop(), lasting{"accept"});
    asio::co_spawn(io_, watch_deadlines(), lasting{"deadlines"});
}

std::uint16_t listener::port() const {
    return acceptor_.local_endpoint().port();
}

task<void> listener::accept_loop() {
    while (!draining_) {
        error_code failed;
        tcp::socket socket =
            co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failed));
        if (draining_) break;
        std::string reason = failed ? failed.message() : std::string();
        try {
            if (!failed) {
                co_await make_room();
                if (draining_) break;
                start_session(std::move(socket));
                continue;
            }
        } catch (const std::exception& e) {
            reason = e.what();
        }
        // Out of descriptors or memory, most likely: waiting for some to come back beats spinning.
        log::write(log::level::warn, "accept_failed", "reason", reason);
        asio::steady_timer pause(io_, accept_pause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
    }
}

// At the limit a newcomer takes the place of who has been silent for longest. When nobody is, it waits for a
// place, and those who come after it wait in the kernel's queue.
task<void> listener::make_room() {
    while (sessions_.size() >= options_.bounds.connections && !draining_) {
        session* silent = nullptr;
        for (session& s : sessions_) {
            if (!s.idle_since()) continue;
            if (silent == nullptr || s.idle_since() < silent->idle_since()) silent = &s;
        }
        if (silent != nullptr) silent->drain();
        error_code ignored;
        changed_.expires_after(deadline_grain);
        co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void listener::start_session(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::string client_address = socket.remote_endpoint(ignored).address().to_string();
    auto stream = tls_ ? tls_->wrap(std::move(socket)) : make_plain_transport(std::move(socket));
    sessions_.emplace_front(std::move(stream), std::move(client_address), router_, options_.bounds);
    try {
        asio::co_spawn(io_, run_session(sessions_.begin()), asio::detached);
    } catch (...) {
        sessions_.pop_front();
        throw;
    }
}

task<void> listener::run_session(std::list<session>::iterator at) {
    try {
        co_await at->run();
    } catch (const std::exception& e) {
        log::write(log::level::error, "connection_failed", "reason", e.what());
    }
    sessions_.erase(at);
    changed_.cancel();
}

task<void> listener::watch_deadlines() {
    while (!draining_ || !sessions_.empty()) {
        error_code failed;
        deadline_clock_.expires_after(deadline_grain);
        co_await deadline_clock_.async_wait(asio::redirect_error(asio::use_awaitable, failed));
        const auto now = steady::now();
        for (session& s : sessions_) s.check_deadline(now);
    }
}

task<bool> listener::drain(std::chrono::milliseconds patience) {
    draining_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    changed_.cancel();
    for (session& s : sessions_) s.drain();
    const auto end = steady::now() + patience;
    while (!sessions_.empty() && steady::now() < end) {
        asio::steady_timer pause(io_, std::chrono::milliseconds(10));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return sessions_.empty();
}

}  // namespace attribution::http
