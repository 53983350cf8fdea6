#include "core/csv/csv.hpp"

#include <algorithm>
#include <utility>

#include "core/pii/text.hpp"

namespace attribution::csv {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

class parser {
  public:
    explicit parser(std::string_view text) : rest_(text) {}

    std::vector<record> run() {
        std::vector<record> records;
        while (!rest_.empty()) {
            if (skip_line_end()) continue;
            record next{line_, {}};
            do next.fields.push_back(field());
            while (skip(","));
            if (!rest_.empty() && !skip_line_end()) throw error("text follows a closing quote", line_);
            records.push_back(std::move(next));
        }
        return records;
    }

  private:
    bool skip(std::string_view what) {
        if (!rest_.starts_with(what)) return false;
        rest_.remove_prefix(what.size());
        return true;
    }

    bool skip_line_end() {
        if (!skip("\n") && !skip("\r\n")) return false;
        ++line_;
        return true;
    }

    std::string field() { return skip("\"") ? quoted() : plain(); }

    std::string plain() {
        std::size_t end = std::min(rest_.find_first_of(",\n"), rest_.size());
        if (end < rest_.size() && rest_[end] == '\n' && end > 0 && rest_[end - 1] == '\r') --end;
        std::string text(rest_.substr(0, end));
        if (text.find('"') != std::string::npos)
            throw error("a field that does not begin with a quote has one", line_);
        rest_.remove_prefix(end);
        return text;
    }

    // Behind the opening quote. Each further part begins with a quote that was doubled.
    std::string quoted() {
        std::string text = up_to_quote();
        while (skip("\"")) text += '"' + up_to_quote();
        return text;
    }

    std::string up_to_quote() {
        const std::size_t end = rest_.find('"');
        if (end == std::string_view::npos) throw error("a quote is never closed", line_);
        std::string text(rest_.substr(0, end));
        line_ += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
        rest_.remove_prefix(end + 1);
        return text;
    }

    std::string_view rest_;
    std::size_t line_ = 1;
};

}  // namespace

error::error(std::string reason, std::size_t line)
    : std::runtime_error(reason + " in line " + std::to_string(line)),
      reason_(std::move(reason)),
      line_(line) {}

std::vector<record> parse(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (!pii::is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
        throw error("the text is not UTF-8", 1);
    return parser(text).run();
}

}  // namespace attribution::csv
