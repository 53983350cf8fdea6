// Writes JSON text. The caller gives the structure; the writer sets commas and escapes strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace attribution::json {

class writer {
  public:
    writer() = default;
    // For a text of about so many bytes: without it, a long text moves a few times while it grows.
    explicit writer(std::size_t expected) { out_.reserve(expected); }

    writer& begin_object() { return open('{'); }
    writer& end_object() { return close('}'); }
    writer& begin_array() { return open('['); }
    writer& end_array() { return close(']'); }
    writer& key(std::string_view name);
    writer& string(std::string_view text);  // text is valid UTF-8
    writer& integer(std::int64_t number);
    writer& boolean(bool flag);
    writer& null();
    // JSON text as it stands: a number that must keep its digits, or an object that another writer made.
    writer& raw(std::string_view json);

    // Members in one call; the optional form writes nothing for an empty text.
    writer& member(std::string_view name, std::string_view text) { return key(name).string(text); }
    writer& optional_member(std::string_view name, std::string_view text) {
        return text.empty() ? *this : member(name, text);
    }

    const std::string& text() const& noexcept { return out_; }
    std::string text() && noexcept { return std::move(out_); }

  private:
    writer& open(char bracket);
    writer& close(char bracket);
    void separate();
    void quote(std::string_view text);

    std::string out_;
    bool comma_ = false;  // whether the next key or value follows another one
};

}  // namespace attribution::json
