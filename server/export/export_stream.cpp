#include "server/export/export_stream.hpp"

namespace attribution::exports {

namespace {

constexpr std::size_t piece_bytes = std::size_t{128} * 1024;

}  // namespace

export_stream::export_stream(running_exports::place place, db::pool::lease connection, format as,
                             std::optional<std::string> next_cursor)
    : place_(std::move(place)), as_(as), next_cursor_(std::move(next_cursor)) {
    connection_.emplace(std::move(connection));
}

task<bool> export_stream::read(std::string& into) {
    if (!connection_) co_return false;
    const bool is_document = as_ == format::json;
    if (!has_begun_ && is_document) into += "{\"rows\":[\n";
    has_begun_ = true;
    db::connection& from = **connection_;
    const auto copied = co_await from.read_copy(into, into.size() + piece_bytes, is_document ? "," : "");
    if (copied == db::connection::copied::some) co_return true;
    if (is_document)
        into += next_cursor_ ? "],\"next_cursor\":\"" + *next_cursor_ + "\"}\n" : "],\"next_cursor\":null}\n";
    co_await from.end_reading();
    connection_.reset();
    co_return false;
}

}  // namespace attribution::exports
