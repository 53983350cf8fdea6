// One client connection: requests one after another, each guarded, read, dispatched and answered before the
// next is looked at (so pipelined requests are answered in order).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/request_guard.hpp"
#include "server/http/router.hpp"
#include "server/http/transport.hpp"

namespace attribution::http {

struct limits {
    std::uint64_t body_bytes = std::uint64_t{1024} * 1024;
    std::size_t connections = 1024;
    std::chrono::milliseconds idle_timeout{75'000};    // between requests: closed silently
    std::chrono::milliseconds header_timeout{10'000};  // 408
    std::chrono::milliseconds body_timeout{30'000};    // 408
    std::chrono::milliseconds write_timeout{
        30'000};  // for an answer, or a piece of one; a client that does not read: closed
};

class session {
  public:
    session(std::unique_ptr<transport> stream, std::string client_address, const router& routes,
            const limits& bounds);

    // Ends when the connection does; throws nothing.
    task<void> run();

    // One clock looks after all sessions: cheaper than a timer per wait.
    void check_deadline(std::chrono::steady_clock::time_point now);

    // Since when the client has asked for nothing; nullopt while a request is in hand.
    std::optional<std::chrono::steady_clock::time_point> idle_since() const;

    // After the request in hand, if any, the connection ends.
    void drain();

  private:
    enum class phase { idle, head, body, handling, writing, lingering };

    task<bool> serve_one();
    task<bool> read_request_head();
    task<bool> read_body(const request_head& head, std::string& body);
    task<bool> read_more();
    task<std::optional<response>> refuse_early(const request& r);
    task<response> handle(const request& r);
    task<bool> answer(response& reply, std::string_view method, std::string_view correlation_id,
                      bool http_1_1, bool keep_alive);
    task<bool> answer_in_pieces(response& reply, std::string_view correlation_id, bool http_1_1,
                                bool keep_alive);
    task<std::string_view> send_pieces(response& reply, bool chunked, std::uint64_t& sent);
    task<bool> refuse(int status, std::string_view detail);
    task<void> linger();

    void enter(phase p);
    std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
    void consume(std::size_t n);

    std::unique_ptr<transport> stream_;
    std::string client_address_;
    const router& router_;
    const limits& limits_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::string head_text_;  // the request's views point here
    std::string out_;
    phase phase_ = phase::idle;
    std::chrono::steady_clock::time_point deadline_;
    bool timed_out_ = false;
    bool draining_ = false;
};

}  // namespace attribution::http
