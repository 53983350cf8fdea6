#include "server/http/request_guard.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace attribution::http {

namespace {

constexpr std::array<bool, 256> token_table = [] {
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = table[c + 'a' - 'A'] = true;
    for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return token_table[static_cast<unsigned char>(c)]; });
}

bool is_visible(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Calls `visit` for each element of a comma-separated list.
template <class Visitor>
void for_each_element(std::string_view list, Visitor visit) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        visit(trim(list.substr(0, comma)));
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
}

bool is_host(std::string_view host) {
    return std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-._~:[]").find(c) != std::string_view::npos;
    });
}

using maybe_refusal = std::optional<refusal>;

maybe_refusal read_request_line(std::string_view line, request_head& head) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return refusal{400, "The request line is not METHOD TARGET HTTP/VERSION with single spaces."};
    head.method = line.substr(0, first);
    head.target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(head.method)) return refusal{400, "The method is not a token."};
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
                                 is_digits(version.substr(5, 1)) && is_digits(version.substr(7, 1));
        if (well_formed) return refusal{505, "This server speaks HTTP/1.1 and HTTP/1.0."};
        return refusal{400, "The request line does not end in an HTTP version."};
    }
    head.http_1_1 = version == "HTTP/1.1";
    head.keep_alive = head.http_1_1;
    if (!is_visible(head.target) || head.target.front() != '/' ||
        head.target.find('#') != std::string_view::npos)
        return refusal{400, "The request target is not a path with an optional query."};
    return std::nullopt;
}

// What is counted while the fields are read, since the decision needs all of them.
struct framing {
    int hosts = 0;
    int content_lengths = 0;
    int transfer_encodings = 0;
    bool close = false;
    bool keep_alive = false;
};

maybe_refusal note_field(const field& f, request_head& head, framing& seen) {
    if (equals_ignoring_case(f.name, "Content-Length")) {
        ++seen.content_lengths;
        const auto* const end = f.value.data() + f.value.size();
        if (!is_digits(f.value) ||
            std::from_chars(f.value.data(), end, head.content_length).ec != std::errc{})
            return refusal{400, "Content-Length is not a decimal number."};
    } else if (equals_ignoring_case(f.name, "Transfer-Encoding")) {
        ++seen.transfer_encodings;
        if (!equals_ignoring_case(f.value, "chunked"))
            return refusal{400, "Transfer-Encoding is something other than exactly chunked."};
        head.chunked = true;
    } else if (equals_ignoring_case(f.name, "Host")) {
        ++seen.hosts;
        if (!is_host(f.value)) return refusal{400, "Host is not a host with an optional port."};
    } else if (equals_ignoring_case(f.name, "Connection")) {
        for_each_element(f.value, [&](std::string_view option) {
            if (equals_ignoring_case(option, "close")) seen.close = true;
            if (equals_ignoring_case(option, "keep-alive")) seen.keep_alive = true;
        });
    } else if (equals_ignoring_case(f.name, "Expect") && head.http_1_1) {
        if (!equals_ignoring_case(f.value, "100-continue"))
            return refusal{417, "Only 100-continue can be expected."};
        head.expects_continue = true;
    }
    return std::nullopt;
}

maybe_refusal judge(const framing& seen, request_head& head) {
    if (seen.content_lengths > 1) return refusal{400, "Content-Length is given more than once."};
    if (seen.transfer_encodings > 1) return refusal{400, "Transfer-Encoding is given more than once."};
    if (head.chunked && seen.content_lengths > 0)
        return refusal{400, "Content-Length and Transfer-Encoding exclude each other."};
    if (head.chunked && !head.http_1_1) return refusal{400, "HTTP/1.0 has no Transfer-Encoding."};
    if (seen.hosts > 1) return refusal{400, "Host is given more than once."};
    if (seen.hosts == 0 && head.http_1_1) return refusal{400, "HTTP/1.1 needs a Host header."};
    head.keep_alive = !seen.close && (head.http_1_1 || seen.keep_alive);
    return std::nullopt;
}

std::variant<field, refusal> read_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t')
        return refusal{400, "A header is folded over two lines."};
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return refusal{400, "A header line has no colon."};
    const std::string_view name = line.substr(0, colon);
    if (!is_token(name))
        return refusal{400, "A header name is not a token (a space before the colon is none)."};
    return field{name, trim(line.substr(colon + 1))};
}

std::string_view next_line(std::string_view& rest) {
    const auto end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

}  // namespace

std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t& scanned) {
    const std::size_t from = scanned < 3 ? 0 : scanned - 3;
    const auto end = bytes.find("\r\n\r\n", from);
    scanned = bytes.size();
    if (end == std::string_view::npos) return std::nullopt;
    return end + 4;
}

bool is_hopeless(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        if (c >= 0x20 && c != 0x7f) continue;
        if (c == '\r') {
            if (i + 1 < bytes.size() && bytes[i + 1] != '\n') return true;
        } else if (c == '\n') {
            if (i == 0 || bytes[i - 1] != '\r') return true;
        } else if (c != '\t') {
            return true;
        }
    }
    return false;
}

std::variant<request_head, refusal> read_head(std::string_view bytes) {
    if (is_hopeless(bytes)) return refusal{400, "The header holds a control character, or a bare CR or LF."};
    request_head head;
    head.fields.reserve(24);
    framing seen;
    if (const auto bad = read_request_line(next_line(bytes), head)) return *bad;
    while (true) {
        const std::string_view line = next_line(bytes);
        if (line.empty()) break;
        if (head.fields.size() == max_head_fields) return refusal{431, "There are more than 100 headers."};
        const auto parsed = read_field(line);
        if (const auto* bad = std::get_if<refusal>(&parsed)) return *bad;
        head.fields.push_back(std::get<field>(parsed));
        if (const auto bad = note_field(head.fields.back(), head, seen)) return *bad;
    }
    if (const auto bad = judge(seen, head)) return *bad;
    return head;
}

}  // namespace attribution::http
