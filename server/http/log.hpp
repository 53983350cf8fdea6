// JSON lines on stderr. A line carries what the code names: never a query string, a body or a header's value.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace attribution::log {

enum class level { debug, info, warn, error };

struct member {
    std::string_view name;
    std::variant<std::string_view, std::int64_t> value;
};

// A member with an empty text is left out. Texts are valid UTF-8. Lines below `lowest` are dropped. Lines are
// buffered: flush() writes them, and so does a warning or error, ten times a second at most.
void configure(level lowest);
bool enabled(level l);

void write_line(level l, std::string_view event, std::span<const member> members);
void flush();

namespace detail {

inline void fill(member*) {}

template <class Value, class... Rest>
void fill(member* into, std::string_view name, const Value& value, const Rest&... rest) {
    into->name = name;
    if constexpr (std::is_integral_v<Value>) {
        into->value = static_cast<std::int64_t>(value);
    } else {
        into->value = std::string_view(value);
    }
    fill(into + 1, rest...);
}

}  // namespace detail

// write(level::info, "listening", "address", address, "port", port): names and values by turns.
template <class... Values>
void write(level l, std::string_view event, const Values&... names_and_values) {
    static_assert(sizeof...(Values) % 2 == 0, "a name without a value");
    if (!enabled(l)) return;
    std::array<member, sizeof...(Values) / 2> members;
    detail::fill(members.data(), names_and_values...);
    write_line(l, event, members);
}

// For lines that could come with every request while something is away: the first is written, then one a
// second.
class once_a_second {
  public:
    // How many lines were left out since the last one, when it is time for another; nullopt: leave this one
    // out.
    std::optional<std::int64_t> pass(std::chrono::steady_clock::time_point now) {
        if (now < next_) {
            ++left_out_;
            return std::nullopt;
        }
        next_ = now + std::chrono::seconds(1);
        return std::exchange(left_out_, 0);
    }

  private:
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::time_point::min();
    std::int64_t left_out_ = 0;
};

}  // namespace attribution::log
