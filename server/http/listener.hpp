// Accepts connections, watches their deadlines, and drains them at the end.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "server/http/session.hpp"

namespace attribution::http {

struct listener_options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8000;
    std::string tls_certificate;  // both empty: plain HTTP
    std::string tls_key;
    limits bounds;
};

class listener {
  public:
    // Binds and starts to accept. Throws std::runtime_error that says what could not be bound.
    listener(boost::asio::io_context& io, listener_options options, const router& routes);

    std::uint16_t port() const;
    std::size_t connections() const { return sessions_.size(); }

    // Stops accepting and lets the requests in hand finish for at most `patience`. True when all have.
    task<bool> drain(std::chrono::milliseconds patience);

  private:
    task<void> accept_loop();
    task<void> make_room();
    task<void> watch_deadlines();
    void start_session(tcp::socket socket);
    task<void> run_session(std::list<session>::iterator at);

    boost::asio::io_context& io_;
    listener_options options_;
    const router& router_;
    std::optional<tls_context> tls_;
    tcp::acceptor acceptor_;
    boost::asio::steady_timer deadline_clock_;
    boost::asio::steady_timer changed_;  // cancelled when a session ends
    std::list<session> sessions_;
    bool draining_ = false;
};

}  // namespace attribution::http
