// The part of a session that sends answers which come piece by piece.
#include "server/http/chunks.hpp"
#include "server/http/log.hpp"
#include "server/http/serialize.hpp"
#include "server/http/session.hpp"

namespace attribution::http {

namespace {

using steady = std::chrono::steady_clock;

}  // namespace

// The log has a line of its own for how a stream ended: the request's is written when it begins.
task<bool> session::answer_in_pieces(response& reply, std::string_view correlation_id, bool http_1_1,
                                     bool keep_alive) {
    const auto began = steady::now();
    std::uint64_t sent = 0;
    std::string_view end = "failed";
    serialize(out_, reply, {correlation_id, http_1_1, keep_alive, false});
    stream_->reset_on_close(true);
    try {
        end = co_await send_pieces(reply, http_1_1, sent);
    } catch (const std::exception& error) {
        log::write(log::level::error, "stream_failed", "correlation_id", correlation_id, "reason",
                   error.what());
    }
    reply.stream.reset();
    const bool complete = end == "complete";
    if (complete)
        stream_->reset_on_close(false);
    else
        stream_->close();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady::now() - began);
    log::write(complete ? log::level::info : log::level::warn, "streamed", "correlation_id", correlation_id,
               "end", end, "bytes", sent, "duration_us", took.count());
    out_ = {};  // as large as a piece
    if (complete && !keep_alive) co_await linger();
    co_return complete&& keep_alive;
}

// Returns how the stream ended; throws what the stream throws.
task<std::string_view> session::send_pieces(response& reply, bool chunked, std::uint64_t& sent) {
    bool is_last = false;
    std::size_t content = chunked ? open_chunk(out_) : out_.size();
    out_ += reply.body;
    while (true) {
        if (chunked) close_chunk(out_, content);
        if (chunked && is_last) out_ += last_chunk;
        if (stream_->peer_has_gone()) co_return "client_gone";
        enter(phase::writing);
        if (co_await stream_->write_all(out_)) co_return timed_out_ ? "client_stalled" : "client_gone";
        sent += out_.size();
        out_.clear();
        if (is_last) co_return "complete";
        enter(phase::handling);
        content = chunked ? open_chunk(out_) : 0;
        is_last = !co_await reply.stream->read(out_);
    }
}

}  // namespace attribution::http
