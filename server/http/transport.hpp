// The byte stream below a session: plain TCP, or TLS over it.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/types.hpp"

namespace attribution::http {

using boost::asio::ip::tcp;
using boost::system::error_code;

class transport {
  public:
    virtual ~transport() = default;

    virtual task<error_code> handshake() = 0;
    virtual task<std::size_t> read_some(boost::asio::mutable_buffer into, error_code& failed) = 0;
    virtual task<error_code> write_all(std::string_view bytes) = 0;

    // Tells the peer that nothing more comes; TLS waits for its goodbye.
    virtual task<void> shutdown() = 0;

    // Whether the peer has closed the connection, whatever it has sent that was not read.
    virtual bool peer_has_gone() = 0;

    // From now on the connection ends so that the peer takes what it got for incomplete, even when this
    // process is killed; or in order again.
    virtual void reset_on_close(bool on) = 0;

    // Wakes a waiting read or write with operation_aborted.
    virtual void cancel() = 0;
    virtual void close() = 0;
};

// Both for any transport over the socket.
bool peer_has_gone(tcp::socket& socket);
void reset_on_close(tcp::socket& socket, bool on);

std::unique_ptr<transport> make_plain_transport(tcp::socket socket);

// A certificate and key for TLS; shared by all connections.
class tls_context {
  public:
    // Throws std::runtime_error that names the file which cannot be used.
    tls_context(const std::string& certificate_file, const std::string& key_file);
    ~tls_context();
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;

    std::unique_ptr<transport> wrap(tcp::socket socket) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace attribution::http
