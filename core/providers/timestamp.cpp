#include "core/providers/timestamp.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>

namespace attribution::providers {

namespace {

constexpr std::size_t longest_fraction = 9;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The number of `width` digits at `at`, or -1.
int number(std::string_view text, std::size_t at, std::size_t width) {
    if (at + width > text.size()) return -1;
    int result = 0;
    for (const char c : text.substr(at, width)) {
        if (!is_digit(c)) return -1;
        result = result * 10 + (c - '0');
    }
    return result;
}

bool in_range(int value, int least, int most) {
    return value >= least && value <= most;
}

int days_in_month(int year, int month) {
    if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool is_date(std::string_view text) {
    const int year = number(text, 0, 4);
    const int month = number(text, 5, 2);
    return text[4] == '-' && text[7] == '-' && year >= 1 && in_range(month, 1, 12) &&
           in_range(number(text, 8, 2), 1, days_in_month(year, month));
}

bool is_time(std::string_view text) {
    return text[2] == ':' && text[5] == ':' && in_range(number(text, 0, 2), 0, 23) &&
           in_range(number(text, 3, 2), 0, 59) && in_range(number(text, 6, 2), 0, 59);
}

bool is_zone(std::string_view text) {
    if (text == "Z" || text == "z") return true;
    // No zone is further than 15:59 from UTC for PostgreSQL, and 14:00 in the world.
    return text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
           in_range(number(text, 1, 2), 0, 15) && in_range(number(text, 4, 2), 0, 59);
}

}  // namespace

bool is_timestamp(std::string_view text) noexcept {
    if (text.size() < 20 || !is_date(text) || (text[10] != 'T' && text[10] != 't')) return false;
    if (!is_time(text.substr(11, 8))) return false;
    std::string_view rest = text.substr(19);
    if (rest[0] == '.') {
        std::size_t end = 1;
        while (end < rest.size() && is_digit(rest[end])) ++end;
        if (end == 1 || end > longest_fraction + 1) return false;
        rest.remove_prefix(end);
    }
    return is_zone(rest);
}

std::string time_text(std::int64_t seconds, int rank) {
    namespace time = std::chrono;
    const time::sys_seconds at{time::seconds{seconds}};
    const auto midnight = time::floor<time::days>(at);
    const time::year_month_day date{midnight};
    const time::hh_mm_ss clock{at - midnight};
    char text[40];
    const int length =
        std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()));
    const std::string result(text, static_cast<std::size_t>(length));
    return rank == 0 ? result + "Z" : result + ".00000" + std::to_string(rank) + "Z";
}

std::int64_t seconds_of(std::string_view timestamp) noexcept {
    namespace time = std::chrono;
    const auto part = [timestamp](std::size_t at, std::size_t width = 2) {
        return number(timestamp, at, width);
    };
    const time::sys_days day = time::year(part(0, 4)) / part(5) / part(8);
    const auto since_midnight = time::hours(part(11)) + time::minutes(part(14)) + time::seconds(part(17));
    time::minutes east{0};
    if (const std::size_t zone = timestamp.size() - 6; timestamp[zone] == '+' || timestamp[zone] == '-') {
        east = time::hours(part(zone + 1)) + time::minutes(part(zone + 4));
        if (timestamp[zone] == '-') east = -east;
    }
    return (day.time_since_epoch() + since_midnight - east).count();
}

}  // namespace attribution::providers
