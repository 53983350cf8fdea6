// CSV text (RFC 4180) into records of fields.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace attribution::csv {

// Why a text is not accepted, and in which line. The message never quotes the text.
class error : public std::runtime_error {
  public:
    error(std::string reason, std::size_t line);
    const std::string& reason() const noexcept { return reason_; }
    std::size_t line() const noexcept { return line_; }

  private:
    std::string reason_;
    std::size_t line_;
};

struct record {
    std::size_t line;  // of its first field, from 1
    std::vector<std::string> fields;
};

// All records, the header too. Lines end with LF or CRLF; a quoted field may hold line ends, commas and
// doubled quotes; a byte order mark and empty lines are skipped. Throws csv::error on: a quote within an
// unquoted field, text after a closing quote, a quote that is never closed, invalid UTF-8, U+0000.
std::vector<record> parse(std::string_view text);

}  // namespace attribution::csv
