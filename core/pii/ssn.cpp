#include "core/pii/ssn.hpp"

#include "core/pii/characters.hpp"

namespace attribution::pii::detail {

std::size_t ssn_end(std::string_view text, std::size_t at, std::size_t run_end) {
    constexpr std::size_t length = 11;
    const char mark = char_at(text, run_end);
    if (run_end != at + 3 || (mark != '-' && mark != ' ') || text.size() < at + length) return at;
    const std::size_t group = run_end + 1;
    const std::size_t serial = group + 3;
    const std::size_t end = at + length;
    if (digits_end(text, group) != serial - 1 || text[serial - 1] != mark || digits_end(text, serial) != end)
        return at;

    const std::string_view area = text.substr(at, 3);
    const bool never_issued = area == "000" || area == "666" || area[0] == '9' ||
                              text.substr(group, 2) == "00" || text.substr(serial, 4) == "0000";
    const bool in_a_list = mark == ' ' && ((at > 1 && text[at - 1] == ' ' && is_digit(text[at - 2])) ||
                                           (char_at(text, end) == ' ' && is_digit(char_at(text, end + 1))));
    return never_issued || in_a_list || comes_from(text, at) || goes_on(text, end) ? at : end;
}

}  // namespace attribution::pii::detail
