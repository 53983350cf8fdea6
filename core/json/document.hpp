// JSON text as an immutable tree that keeps numbers as they were written (a double would change ids and
// money).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace attribution::json {

// Why a text is not accepted, and where. The message never quotes the text.
class error : public std::runtime_error {
  public:
    error(std::string reason, std::size_t offset);
    const std::string& reason() const noexcept { return reason_; }
    std::size_t offset() const noexcept { return offset_; }  // in bytes

  private:
    std::string reason_;
    std::size_t offset_;
};

enum class kind : std::uint8_t { null, boolean, number, string, array, object };

inline constexpr std::size_t max_depth = 64;
inline constexpr std::size_t max_number_length = 100;

namespace detail {
// Nodes stand in the order of the text; the children of a container follow it, up to `end`.
struct node {
    std::string_view key;   // of a member of an object
    std::string_view text;  // string: unescaped; number: as written; boolean: "true" or "false"
    std::uint32_t end = 0;  // index of the first node after this one and its children
    std::uint32_t size = 0;
    json::kind kind = json::kind::null;
};
}  // namespace detail

// A cheap handle to a value in a document, valid as long as the document lives. A default-made value is
// "absent": kind null, and exists() is false; so a chain of look-ups needs one check at its end.
class value {
  public:
    class iterator;

    value() = default;

    bool exists() const noexcept { return nodes_ != nullptr; }
    json::kind kind() const noexcept { return exists() ? node().kind : json::kind::null; }
    bool is_null() const noexcept { return kind() == json::kind::null; }  // absent, or the literal null
    bool is_string() const noexcept { return kind() == json::kind::string; }
    bool is_number() const noexcept { return kind() == json::kind::number; }
    bool is_object() const noexcept { return kind() == json::kind::object; }
    bool is_array() const noexcept { return kind() == json::kind::array; }
    bool is_true() const noexcept { return kind() == json::kind::boolean && node().text == "true"; }

    // The unescaped string, the number as written, "true"/"false"; empty for everything else.
    std::string_view text() const noexcept { return exists() ? node().text : std::string_view{}; }
    // The name of this member; empty when it is not a member of an object.
    std::string_view key() const noexcept { return exists() ? node().key : std::string_view{}; }
    // Number of elements or members; 0 for scalars.
    std::size_t size() const noexcept { return exists() ? node().size : 0; }

    // The member with this name; absent when there is none or this is not an object.
    value operator[](std::string_view name) const noexcept;

    // Elements of an array, or members of an object in the order of the text; nothing for scalars.
    iterator begin() const noexcept;
    iterator end() const noexcept;

  private:
    friend class document;
    value(const detail::node* nodes, std::uint32_t index) : nodes_(nodes), index_(index) {}
    const detail::node& node() const noexcept { return nodes_[index_]; }

    const detail::node* nodes_ = nullptr;
    std::uint32_t index_ = 0;
};

// As much of an iterator as a range-for needs.
class value::iterator {
  public:
    iterator() = default;
    explicit iterator(value at) : at_(at) {}
    const value& operator*() const noexcept { return at_; }
    const value* operator->() const noexcept { return &at_; }
    iterator& operator++() noexcept {
        at_.index_ = at_.node().end;
        return *this;
    }
    bool operator==(const iterator& other) const noexcept { return at_.index_ == other.at_.index_; }

  private:
    value at_;
};

// Owns the tree; independent of the text it was read from. Movable: handles stay valid.
class document {
  public:
    value root() const noexcept { return {nodes_.data(), 0}; }
    value operator[](std::string_view name) const noexcept { return root()[name]; }

  private:
    friend document parse(std::string_view text);
    document() = default;

    std::unique_ptr<char[]> characters_;
    std::vector<detail::node> nodes_;
};

// Reads exactly one JSON text (RFC 8259). Throws json::error on: syntax errors, bytes after the value,
// nesting deeper than max_depth, duplicate member names, invalid UTF-8, lone surrogates, U+0000, numbers
// longer than max_number_length.
document parse(std::string_view text);

}  // namespace attribution::json
