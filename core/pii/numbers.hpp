// Personal numbers of one text: telephone, payment card, IBAN, IP address, US social security number. Part of
// detect; not for use elsewhere.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/pii/characters.hpp"
#include "core/pii/detect.hpp"

namespace attribution::pii::detail {

struct number_found {
    kind what;
    span where;
};

// The first one that begins at or after `from`.
std::optional<number_found> find_number(std::string_view text, std::size_t from, meaning as);

}  // namespace attribution::pii::detail
