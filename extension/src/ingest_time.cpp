#include "extension/src/ingest_time.hpp"

#include <chrono>

namespace attribution::ingest {

namespace {

// Reads from the front of a text; every step fails on what does not fit.
class scanner {
  public:
    explicit scanner(std::string_view text) : rest_(text) {}

    bool number(int digits, int lowest, int highest, int& value) {
        if (rest_.size() < static_cast<std::size_t>(digits)) return false;
        value = 0;
        for (int i = 0; i < digits; ++i) {
            const char c = rest_[static_cast<std::size_t>(i)];
            if (c < '0' || c > '9') return false;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(static_cast<std::size_t>(digits));
        return value >= lowest && value <= highest;
    }

    bool one_of(std::string_view characters, char& found) {
        if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
        found = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }

    // Microseconds of ".123456789"; zero when there is no fraction.
    bool fraction(std::int64_t& microseconds) {
        microseconds = 0;
        if (rest_.empty() || rest_.front() != '.') return true;
        rest_.remove_prefix(1);
        std::size_t digits = 0;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
             ++digits, rest_.remove_prefix(1)) {
            const int digit = rest_.front() - '0';
            if (digits < 6) microseconds = microseconds * 10 + digit;
            if (digits == 6 && digit >= 5) ++microseconds;
        }
        for (std::size_t i = digits; i < 6; ++i) microseconds *= 10;
        return digits > 0;
    }

    [[nodiscard]] bool done() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    scanner in(text);
    char mark = 0;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::int64_t fraction = 0;
    const bool shaped = in.number(4, 1, 9999, year) && in.one_of("-", mark) && in.number(2, 1, 12, month) &&
                        in.one_of("-", mark) && in.number(2, 1, 31, day) && in.one_of("Tt ", mark) &&
                        in.number(2, 0, 23, hour) && in.one_of(":", mark) && in.number(2, 0, 59, minute) &&
                        in.one_of(":", mark) && in.number(2, 0, 60, second) && in.fraction(fraction) &&
                        in.one_of("Zz+-", mark);
    if (!shaped) return std::nullopt;
    int offset = 0;
    if (mark == '+' || mark == '-') {
        const int sign = mark == '+' ? 1 : -1;
        int offset_hour = 0, offset_minute = 0;
        if (!in.number(2, 0, 23, offset_hour) || !in.one_of(":", mark) ||
            !in.number(2, 0, 59, offset_minute)) {
            return std::nullopt;
        }
        offset = sign * (offset_hour * 60 + offset_minute);
    }
    const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                              std::chrono::day{static_cast<unsigned>(day)}};
    if (!in.done() || !date.ok()) return std::nullopt;
    constexpr sys_days epoch{std::chrono::year{2000} / January / 1};
    const auto since_epoch =
        sys_days{date} - epoch + hours{hour} + minutes{minute - offset} + seconds{second};
    return duration_cast<microseconds>(since_epoch).count() + fraction;
}

}  // namespace attribution::ingest
