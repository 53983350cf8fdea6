#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

#include "server/http/transport.hpp"

namespace attribution::http {

namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

class tls_transport final : public transport {
  public:
    tls_transport(tcp::socket socket, ssl::context& context) : stream_(std::move(socket), context) {}

    task<error_code> handshake() override {
        error_code failed;
        co_await stream_.async_handshake(ssl::stream_base::server,
                                         asio::redirect_error(asio::use_awaitable, failed));
        co_return failed;
    }

    task<std::size_t> read_some(asio::mutable_buffer into, error_code& failed) override {
        return stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, failed));
    }

    task<error_code> write_all(std::string_view bytes) override {
        error_code failed;
        co_await asio::async_write(stream_, asio::buffer(bytes),
                                   asio::redirect_error(asio::use_awaitable, failed));
        co_return failed;
    }

    task<void> shutdown() override {
        error_code ignored;
        co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    }

    bool peer_has_gone() override { return http::peer_has_gone(stream_.next_layer()); }
    void reset_on_close(bool on) override { http::reset_on_close(stream_.next_layer(), on); }

    void cancel() override {
        error_code ignored;
        stream_.next_layer().cancel(ignored);
    }

    void close() override {
        error_code ignored;
        stream_.next_layer().close(ignored);
    }

  private:
    ssl::stream<tcp::socket> stream_;
};

void require(const error_code& failed, const std::string& what, const std::string& file) {
    if (failed) throw std::runtime_error("cannot use the TLS " + what + " " + file + ": " + failed.message());
}

}  // namespace

struct tls_context::state {
    ssl::context context{ssl::context::tls_server};
};

tls_context::tls_context(const std::string& certificate_file, const std::string& key_file)
    : state_(std::make_unique<state>()) {
    error_code failed;
    ::SSL_CTX_set_min_proto_version(state_->context.native_handle(), TLS1_2_VERSION);
    state_->context.use_certificate_chain_file(certificate_file, failed);
    require(failed, "certificate", certificate_file);
    state_->context.use_private_key_file(key_file, ssl::context::pem, failed);
    require(failed, "key", key_file);
}

tls_context::~tls_context() = default;

std::unique_ptr<transport> tls_context::wrap(tcp::socket socket) const {
    return std::make_unique<tls_transport>(std::move(socket), state_->context);
}

}  // namespace attribution::http
