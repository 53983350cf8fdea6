#include "core/json/writer.hpp"

#include <array>
#include <charconv>

namespace attribution::json {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

// The letter after the backslash for characters that have a short form, else 0.
constexpr char short_escape(unsigned char c) {
    switch (c) {
        case '"':
            return '"';
        case '\\':
            return '\\';
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return 0;
    }
}

constexpr std::array<bool, 256> needs_escape = [] {
    std::array<bool, 256> table{};
    for (unsigned c = 0; c < 0x20; ++c) table[c] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

}  // namespace

void writer::separate() {
    if (comma_) out_ += ',';
    comma_ = true;
}

writer& writer::open(char bracket) {
    separate();
    out_ += bracket;
    comma_ = false;
    return *this;
}

writer& writer::close(char bracket) {
    out_ += bracket;
    comma_ = true;
    return *this;
}

void writer::quote(std::string_view text) {
    out_ += '"';
    std::size_t begin = 0;  // of what needs no escape
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (!needs_escape[byte]) continue;
        out_ += text.substr(begin, i - begin);
        begin = i + 1;
        if (const char letter = short_escape(byte)) {
            out_ += '\\';
            out_ += letter;
        } else {
            out_ += "\\u00";
            out_ += hex_digits[byte >> 4U];
            out_ += hex_digits[byte & 15U];
        }
    }
    out_ += text.substr(begin);
    out_ += '"';
}

writer& writer::key(std::string_view name) {
    separate();
    quote(name);
    out_ += ':';
    comma_ = false;
    return *this;
}

writer& writer::string(std::string_view text) {
    separate();
    quote(text);
    return *this;
}

writer& writer::integer(std::int64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return raw({digits, static_cast<std::size_t>(end - digits)});
}

writer& writer::boolean(bool flag) {
    return raw(flag ? "true" : "false");
}

writer& writer::null() {
    return raw("null");
}

writer& writer::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace attribution::json
