#include "server/http/body_reader.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "server/http/request_guard.hpp"

namespace attribution::http {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using view = boost::beast::string_view;

// Keeps the body only: the guard has the head already.
class body_reader::parser final : public beast_http::basic_parser<true> {
  public:
    std::string body;

  private:
    void on_request_impl(beast_http::verb, view, view, int, error_code&) override {}
    void on_response_impl(int, view, int, error_code&) override {}
    void on_field_impl(beast_http::field, view, view, error_code&) override {}
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        if (length) body.reserve(*length);
    }
    std::size_t on_body_impl(view piece, error_code&) override {
        body.append(piece.data(), piece.size());
        return piece.size();
    }
    void on_chunk_header_impl(std::uint64_t, view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, view piece, error_code&) override {
        body.append(piece.data(), piece.size());
        return piece.size();
    }
    void on_finish_impl(error_code&) override {}
};

body_reader::body_reader(std::uint64_t limit) : parser_(std::make_unique<parser>()) {
    parser_->eager(true);
    parser_->header_limit(max_head_bytes);
    parser_->body_limit(limit);
}

body_reader::~body_reader() = default;

body_reader::state body_reader::put(std::string_view bytes, std::size_t& consumed) {
    error_code failed;
    consumed = parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), failed);
    if (failed == beast_http::error::body_limit) return state::too_large;
    if (failed && failed != beast_http::error::need_more) return state::malformed;
    return parser_->is_done() ? state::done : state::need_more;
}

std::string body_reader::take() {
    return std::move(parser_->body);
}

}  // namespace attribution::http
