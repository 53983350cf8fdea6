// The first look at the head of a request: the same however its bytes come, and nothing that is let through
// can be read in two ways.
#include "server/http/request_guard.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace attribution;

namespace {

bool is_inside(std::string_view part, std::string_view whole) {
    return part.empty() ||
           (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_head(const http::request_head& head, std::string_view bytes) {
    fuzz::require(!head.method.empty() && !head.target.empty(), "a request has a method and a target");
    fuzz::require(is_inside(head.method, bytes) && is_inside(head.target, bytes), "views are of the head");
    fuzz::require(head.fields.size() <= http::max_head_fields, "there are not too many fields");
    fuzz::require(!(head.chunked && head.content_length > 0), "the length is told in one way");
    int lengths = 0;
    int encodings = 0;
    int hosts = 0;
    for (const http::field& one : head.fields) {
        fuzz::require(is_inside(one.name, bytes) && is_inside(one.value, bytes), "views are of the head");
        fuzz::require(!one.name.empty() && one.name.find_first_of(" \t\r\n:") == std::string_view::npos,
                      "a name is a token");
        fuzz::require(one.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
                      "a value is one line");
        lengths += http::equals_ignoring_case(one.name, "Content-Length") ? 1 : 0;
        encodings += http::equals_ignoring_case(one.name, "Transfer-Encoding") ? 1 : 0;
        hosts += http::equals_ignoring_case(one.name, "Host") ? 1 : 0;
    }
    fuzz::require(lengths + encodings <= 1 && hosts <= 1, "length and host are told once");
    fuzz::require(head.chunked == (encodings == 1), "a transfer encoding is chunked");
    fuzz::require(!head.http_1_1 || hosts == 1, "HTTP/1.1 names a host");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    std::size_t scanned = 0;
    const auto at_once = http::find_head_end(bytes, scanned);
    std::optional<std::size_t> bit_by_bit;
    scanned = 0;
    for (std::size_t come = 1; come <= size && !bit_by_bit; ++come)
        bit_by_bit = http::find_head_end(bytes.substr(0, come), scanned);
    fuzz::require(at_once == bit_by_bit, "the head ends at one place");
    if (!at_once) {
        (void)http::is_hopeless(bytes);
        return 0;
    }
    const std::string_view head = bytes.substr(0, *at_once);
    const auto read = http::read_head(head);
    if (const auto* good = std::get_if<http::request_head>(&read)) {
        fuzz::require(!http::is_hopeless(head), "a good head is not hopeless");
        for (std::size_t come = 0; come < head.size(); ++come)
            fuzz::require(!http::is_hopeless(head.substr(0, come)), "nor is a part of it");
        check_head(*good, head);
    } else {
        const int status = std::get<http::refusal>(read).status;
        fuzz::require(status >= 400 && status < 600, "a refusal is an error");
    }
    return 0;
}
