#include "core/json/document.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <cstring>
#include <limits>
#include <utility>

namespace attribution::json {

namespace {

using boost::json::error_code;

std::string describe(const std::string& reason, std::size_t offset) {
    return "invalid JSON: " + reason + " at byte " + std::to_string(offset);
}

// A number that tells nearly all names of a real object apart: their length, and the first and last eight
// bytes.
std::uint64_t mark_of(std::string_view name) {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (name.size() >= sizeof first) {
        std::memcpy(&first, name.data(), sizeof first);
        std::memcpy(&last, name.data() + name.size() - sizeof last, sizeof last);
    } else {
        for (const char c : name) first = first << 8U | static_cast<unsigned char>(c);
    }
    return (first + 31 * last) * 31 + name.size();
}

// Receives the events of Boost's parser and builds the nodes. A handler may only return false with an error
// code set, so what is refused here is noted in `reason`.
class tree_builder {
  public:
    static constexpr std::size_t max_object_size = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::size_t max_array_size = max_object_size;
    static constexpr std::size_t max_key_size = max_object_size;
    static constexpr std::size_t max_string_size = max_object_size;

    // Unescaped text is never longer than its source, so one block of that size holds every text of the
    // document.
    tree_builder(std::string_view source, char* characters, std::vector<detail::node>& nodes)
        : write_(characters),
          nodes_(nodes),
          may_hold_nul_(source.find("\\u0000") != std::string_view::npos) {}

    const char* reason() const { return reason_; }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code&) { return open(kind::object); }
    bool on_object_end(std::size_t count, error_code& ec) {
        const std::uint32_t self = close(count);
        return !has_duplicates(self) || refuse("duplicate member name", ec);
    }
    bool on_array_begin(error_code&) { return open(kind::array); }
    bool on_array_end(std::size_t count, error_code&) {
        close(count);
        return true;
    }

    bool on_key_part(std::string_view part, std::size_t, error_code&) { return append(part); }
    bool on_key(std::string_view part, std::size_t, error_code& ec) {
        append(part);
        key_ = take();
        return no_nul(key_, ec);
    }
    bool on_string_part(std::string_view part, std::size_t, error_code&) { return append(part); }
    bool on_string(std::string_view part, std::size_t, error_code& ec) {
        append(part);
        return leaf(kind::string, take()) && no_nul(nodes_.back().text, ec);
    }

    // The value that Boost computed is dropped: only the text is exact.
    bool on_number_part(std::string_view part, error_code&) { return append(part); }
    bool on_int64(std::int64_t, std::string_view part, error_code& ec) { return number(part, ec); }
    bool on_uint64(std::uint64_t, std::string_view part, error_code& ec) { return number(part, ec); }
    bool on_double(double, std::string_view part, error_code& ec) { return number(part, ec); }

    bool on_bool(bool flag, error_code&) { return leaf(kind::boolean, flag ? "true" : "false"); }
    bool on_null(error_code&) { return leaf(kind::null, {}); }
    bool on_comment_part(std::string_view, error_code&) { return true; }
    bool on_comment(std::string_view, error_code&) { return true; }

  private:
    bool refuse(const char* why, error_code& ec) {
        reason_ = why;
        ec = boost::json::error::exception;
        return false;
    }

    bool append(std::string_view part) {
        if (!part.empty()) std::memcpy(write_ + pending_, part.data(), part.size());
        pending_ += part.size();
        return true;
    }
    std::string_view take() {
        const std::string_view text(write_, pending_);
        write_ += pending_;
        pending_ = 0;
        return text;
    }
    bool no_nul(std::string_view text, error_code& ec) {
        return !may_hold_nul_ || text.find('\0') == std::string_view::npos || refuse("U+0000 in a text", ec);
    }

    bool number(std::string_view part, error_code& ec) {
        append(part);
        leaf(kind::number, take());
        return nodes_.back().text.size() <= max_number_length || refuse("number too long", ec);
    }
    bool leaf(kind what, std::string_view text) {
        const auto next = static_cast<std::uint32_t>(nodes_.size()) + 1;
        nodes_.push_back({std::exchange(key_, {}), text, next, 0, what});
        return true;
    }
    bool open(kind what) {
        open_.push_back(static_cast<std::uint32_t>(nodes_.size()));
        return leaf(what, {});
    }
    std::uint32_t close(std::size_t count) {
        const std::uint32_t self = open_.back();
        open_.pop_back();
        nodes_[self].end = static_cast<std::uint32_t>(nodes_.size());
        nodes_[self].size = static_cast<std::uint32_t>(count);
        return self;
    }

    // By mark first: one comparison of numbers instead of two texts, and no choice of names makes it worse
    // than sorting them.
    bool has_duplicates(std::uint32_t object) {
        names_.clear();
        for (std::uint32_t i = object + 1; i < nodes_[object].end; i = nodes_[i].end)
            names_.emplace_back(mark_of(nodes_[i].key), nodes_[i].key);
        std::sort(names_.begin(), names_.end());
        return std::adjacent_find(names_.begin(), names_.end()) != names_.end();
    }

    char* write_;
    std::size_t pending_ = 0;  // of the text that arrives in parts
    std::vector<detail::node>& nodes_;
    std::vector<std::uint32_t> open_;
    std::string_view key_;
    std::vector<std::pair<std::uint64_t, std::string_view>> names_;
    bool may_hold_nul_;  // only an escape can write it: the parser refuses the raw byte
    const char* reason_ = nullptr;
};

// In our words: Boost's speak of its own parameters.
const char* reason_of(const error_code& ec) {
    using boost::json::error;
    if (ec == error::incomplete) return "the text ends too early";
    if (ec == error::extra_data) return "more text after the value";
    if (ec == error::too_deep) return "nested too deeply";
    if (ec == error::illegal_leading_surrogate || ec == error::illegal_trailing_surrogate ||
        ec == error::expected_utf16_escape)
        return "lone surrogate";
    if (ec == error::exponent_overflow) return "exponent out of range";
    return "syntax error or invalid UTF-8";
}

}  // namespace

error::error(std::string reason, std::size_t offset)
    : std::runtime_error(describe(reason, offset)), reason_(std::move(reason)), offset_(offset) {}

value value::operator[](std::string_view name) const noexcept {
    if (!is_object()) return {};
    for (std::uint32_t i = index_ + 1; i < node().end; i = nodes_[i].end)
        if (nodes_[i].key == name) return {nodes_, i};
    return {};
}

value::iterator value::begin() const noexcept {
    return size() == 0 ? end() : iterator(value(nodes_, index_ + 1));
}

value::iterator value::end() const noexcept {
    return exists() ? iterator(value(nodes_, node().end)) : iterator();
}

document parse(std::string_view text) {
    if (text.size() > tree_builder::max_string_size)
        throw error("text too long", tree_builder::max_string_size);
    document result;
    result.characters_ = std::make_unique_for_overwrite<char[]>(text.size() + 1);
    result.nodes_.reserve(text.size() / 24 + 8);

    boost::json::parse_options options;
    options.max_depth = max_depth;
    boost::json::basic_parser<tree_builder> parser(options, text, result.characters_.get(), result.nodes_);
    error_code ec;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && used < text.size()) ec = boost::json::error::extra_data;
    if (ec) {
        const char* own_reason = parser.handler().reason();
        throw error(own_reason != nullptr ? own_reason : reason_of(ec), used);
    }
    return result;
}

}  // namespace attribution::json
