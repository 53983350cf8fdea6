#include <poll.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "server/http/transport.hpp"

namespace attribution::http {

namespace {

namespace asio = boost::asio;

class plain_transport final : public transport {
  public:
    explicit plain_transport(tcp::socket socket) : socket_(std::move(socket)) {}

    task<error_code> handshake() override { co_return error_code{}; }

    task<std::size_t> read_some(asio::mutable_buffer into, error_code& failed) override {
        return socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, failed));
    }

    task<error_code> write_all(std::string_view bytes) override {
        // Nearly every answer fits the socket's buffer: no wait, no coroutine machinery.
        error_code failed;
        const std::size_t sent = socket_.write_some(asio::buffer(bytes), failed);
        if (failed && failed != asio::error::would_block) co_return failed;
        if (!failed && sent == bytes.size()) co_return failed;
        bytes.remove_prefix(failed ? 0 : sent);
        failed = {};
        co_await asio::async_write(socket_, asio::buffer(bytes),
                                   asio::redirect_error(asio::use_awaitable, failed));
        co_return failed;
    }

    task<void> shutdown() override {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
        co_return;
    }

    bool peer_has_gone() override { return http::peer_has_gone(socket_); }
    void reset_on_close(bool on) override { http::reset_on_close(socket_, on); }

    void cancel() override {
        error_code ignored;
        socket_.cancel(ignored);
    }

    void close() override {
        error_code ignored;
        socket_.close(ignored);
    }

  private:
    tcp::socket socket_;
};

}  // namespace

bool peer_has_gone(tcp::socket& socket) {
    pollfd end{socket.native_handle(), POLLRDHUP, 0};
    return ::poll(&end, 1, 0) > 0;
}

// Without chunks a client takes the end of the connection for that of the body, unless it is a reset.
void reset_on_close(tcp::socket& socket, bool on) {
    error_code ignored;
    socket.set_option(asio::socket_base::linger(on, 0), ignored);
}

std::unique_ptr<transport> make_plain_transport(tcp::socket socket) {
    // Without this, write_some would wait for a slow reader and hold up everyone else.
    socket.non_blocking(true);
    return std::make_unique<plain_transport>(std::move(socket));
}

}  // namespace attribution::http
