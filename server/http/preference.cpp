#include "server/http/preference.hpp"

#include <string>
#include <vector>

namespace attribution::http {

namespace {

constexpr int full_weight = 1000;

struct wish {
    std::string_view what;  // without parameters
    int weight;             // thousandths
};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The next element of a list, taken off its front.
std::string_view take(std::string_view& list, char separator) {
    const std::size_t end = list.find(separator);
    const std::string_view element = trimmed(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    return element;
}

// "0.25" is 250. What is no weight is none: 0.
int read_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
    int weight = (text[0] - '0') * full_weight;
    if (text.size() > 1 && text[1] != '.') return 0;
    for (std::size_t i = 2, unit = full_weight / 10; i < text.size(); ++i, unit /= 10) {
        if (text[i] < '0' || text[i] > '9') return 0;
        weight += (text[i] - '0') * static_cast<int>(unit);
    }
    return weight > full_weight ? 0 : weight;
}

std::vector<wish> read_wishes(std::string_view list) {
    std::vector<wish> wishes;
    while (!list.empty()) {
        std::string_view element = take(list, ',');
        wish one{take(element, ';'), full_weight};
        while (!element.empty()) {
            const std::string_view parameter = take(element, ';');
            if (parameter.size() >= 2 && equals_ignoring_case(parameter.substr(0, 2), "q="))
                one.weight = read_weight(parameter.substr(2));
        }
        if (!one.what.empty()) wishes.push_back(one);
    }
    return wishes;
}

// Several fields of a name are one list; nullopt when there is none.
std::optional<std::string> list_of(const request& r, std::string_view name) {
    std::optional<std::string> list;
    for (const field& f : r.fields) {
        if (!equals_ignoring_case(f.name, name)) continue;
        if (list)
            *list += ',';
        else
            list.emplace();
        list->append(f.value);
    }
    return list;
}

// How exactly a media range names a type: 0 not at all, 3 by its name.
int exactness(std::string_view range, std::string_view type) {
    if (range == "*/*") return 1;
    if (equals_ignoring_case(range, type)) return 3;
    const std::string_view family = type.substr(0, type.find('/') + 1);
    return range.size() == family.size() + 1 && range.back() == '*' &&
                   equals_ignoring_case(range.substr(0, family.size()), family)
               ? 2
               : 0;
}

// By the range that names it most exactly.
int weight_of(std::string_view type, std::span<const wish> wishes) {
    int best = 0;
    int weight = 0;
    for (const wish& w : wishes) {
        const int exact = exactness(w.what, type);
        if (exact <= best) continue;
        best = exact;
        weight = w.weight;
    }
    return weight;
}

std::optional<int> weight_of_coding(std::string_view coding, std::span<const wish> wishes) {
    for (const wish& w : wishes) {
        if (equals_ignoring_case(w.what, coding)) return w.weight;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::size_t> preferred_type(const request& r, std::span<const std::string_view> types) {
    const auto accept = list_of(r, "Accept");
    if (!accept) return 0;
    const std::vector<wish> wishes = read_wishes(*accept);
    std::optional<std::size_t> best;
    int most = 0;
    for (std::size_t i = 0; i < types.size(); ++i) {
        const int weight = weight_of(types[i], wishes);
        if (weight <= most) continue;
        most = weight;
        best = i;
    }
    return best;
}

bool wants_encoding(const request& r, std::string_view coding) {
    const std::string list = list_of(r, "Accept-Encoding").value_or("");
    const std::vector<wish> wishes = read_wishes(list);
    const auto any = weight_of_coding("*", wishes);
    const int weight = weight_of_coding(coding, wishes).value_or(any.value_or(0));
    return weight > 0 && weight >= weight_of_coding("identity", wishes).value_or(0);
}

}  // namespace attribution::http
