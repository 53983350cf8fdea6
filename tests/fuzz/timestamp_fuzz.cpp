// Times: what is accepted is a day that exists, told again by the standard's calendar.
#include <chrono>
#include <cstdlib>
#include <string>

#include "core/providers/timestamp.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace attribution;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    if (!providers::is_timestamp(text)) return 0;
    fuzz::require(text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[13] == ':' && text[16] == ':',
                  "RFC 3339's form");
    const auto number = [&text](std::size_t at, std::size_t digits) {
        return std::stoi(text.substr(at, digits));
    };
    const std::chrono::year_month_day day{std::chrono::year(number(0, 4)),
                                          std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                          std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    fuzz::require(day.ok(), "the day exists");
    fuzz::require(number(11, 2) < 24 && number(14, 2) < 60 && number(17, 2) < 60, "the time exists");
    const char zone = text[text.size() - 6];
    fuzz::require(text.ends_with('Z') || text.ends_with('z') || zone == '+' || zone == '-', "it has a zone");
    return 0;
}
