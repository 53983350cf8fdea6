// Decimal text and minor units: exact both ways. The input is a currency's code, a line feed and a text.
#include <cstring>

#include "core/errors.hpp"
#include "core/money/money.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace attribution;

namespace {

std::int64_t number_at(std::string_view text, std::size_t at) {
    std::int64_t number = 0;
    if (text.size() >= at + sizeof number) std::memcpy(&number, text.data() + at, sizeof number);
    return number;
}

template <class operation>
void check_exact(operation run, __int128 exact) {
    const bool fits = exact >= INT64_MIN && exact <= INT64_MAX;
    try {
        fuzz::require(run() == exact && fits, "a sum is exact");
    } catch (const error&) {
        fuzz::require(!fits, "a sum is refused only when it does not fit");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [code, text] = fuzz::first_line(fuzz::text_of(data, size));
    const std::int64_t a = number_at(text, 0);
    const std::int64_t b = number_at(text, sizeof a);
    check_exact([&] { return money::add(a, b); }, static_cast<__int128>(a) + b);
    check_exact([&] { return money::subtract(a, b); }, static_cast<__int128>(a) - b);
    try {
        const money::currency currency = money::currency::from_code(code);
        fuzz::require(money::parse_minor(money::format_minor(a, currency), currency) == a,
                      "an amount comes back");
        const std::int64_t minor = money::parse_minor(text, currency);
        fuzz::require(money::parse_minor(money::format_minor(minor, currency), currency) == minor,
                      "an amount that was read comes back");
    } catch (const error& refused) {
        fuzz::require(refused.sqlstate() == invalid_amount || refused.sqlstate() == unknown_currency,
                      "an amount is refused as one");
        fuzz::require(!money::currency::is_known(code) || refused.sqlstate() == invalid_amount,
                      "a known currency is not refused");
    }
    return 0;
}
