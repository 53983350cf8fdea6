#include "server/http/serialize.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace attribution::http {

namespace {

// The Date header changes once a second; formatting it for each answer would be waste.
std::string_view http_date() {
    static thread_local std::time_t made_at = 0;
    static thread_local std::array<char, 32> text{};
    static thread_local std::size_t length = 0;
    const std::time_t now = std::time(nullptr);
    if (now != made_at) {
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        made_at = now;
    }
    return {text.data(), length};
}

void append_number(std::string& out, std::size_t n) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
    out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

constexpr std::string_view cache_control = "Cache-Control";

// An answer with one of these has no content, and no word about it.
bool has_content(int status) {
    return status != 204 && status != 304;
}

// What a stream's length is, its end tells: that of its chunks, or in HTTP/1.0 of the connection.
void append_content_fields(std::string& out, const response& reply, bool http_1_1) {
    append_field(out, "Content-Type", reply.content_type);
    if (reply.stream) {
        if (http_1_1) append_field(out, "Transfer-Encoding", "chunked");
        return;
    }
    out += "Content-Length: ";
    append_number(out, reply.body.size());
    out += "\r\n";
}

bool names(const response& reply, std::string_view field_name) {
    return std::any_of(reply.fields.begin(), reply.fields.end(),
                       [field_name](const auto& field) { return field.first == field_name; });
}

}  // namespace

void serialize(std::string& out, const response& reply, const framing_facts& facts) {
    out.clear();
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(reply.status));
    out.append(" ").append(reason_phrase(reply.status)).append("\r\n");
    append_field(out, "Date", http_date());
    if (has_content(reply.status)) append_content_fields(out, reply, facts.http_1_1);
    append_field(out, "X-Correlation-ID", facts.correlation_id);
    if (!names(reply, cache_control)) append_field(out, cache_control, "no-store");
    append_field(out, "X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : reply.fields) append_field(out, name, value);
    if (!facts.keep_alive) append_field(out, "Connection", "close");
    if (facts.keep_alive && !facts.http_1_1) append_field(out, "Connection", "keep-alive");
    out += "\r\n";
    if (!facts.head_only && !reply.stream) out += reply.body;
}

}  // namespace attribution::http
