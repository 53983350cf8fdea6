#include "server/attribution/report.hpp"

#include <charconv>
#include <string>

#include "core/providers/timestamp.hpp"

namespace attribution::report {

bool is_day(std::string_view text) {
    return text.size() == 10 && providers::is_timestamp(std::string(text) + "T00:00:00Z");
}

std::int64_t integer(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

http::problem sum_too_large() {
    return http::problem(500, "A sum of this range is larger than a 64-bit number of minor units.",
                         "Ask for a shorter range.");
}

}  // namespace attribution::report
