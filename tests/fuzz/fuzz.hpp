// What the fuzz targets share. An exception that a target does not expect ends it, as a failed require()
// does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "core/pii/percent.hpp"
#include "core/pii/text.hpp"

namespace attribution::fuzz {

inline void require(bool holds, const char* what) {
    if (holds) return;
    (void)std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// The first line, and what follows it: inputs that have two parts.
inline std::pair<std::string_view, std::string_view> first_line(std::string_view text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {text, {}};
    return {text.substr(0, end), text.substr(end + 1)};
}

// An address that targets put into inputs, and nothing of which may come out. What libFuzzer makes has pieces
// of it before long: such inputs say nothing.
inline constexpr std::string_view planted = "planted.person";
inline bool mentions_planted(std::string_view text) {
    return pii::percent_decode_fully(pii::fold_lookalikes(text)).find("planted") != std::string::npos;
}

}  // namespace attribution::fuzz

// libFuzzer calls this; a target is a file that defines it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  // NOLINT
