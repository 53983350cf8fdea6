// Labelled webhook bodies. Labels stand where the values stand:
//   {"!email": "jon@example.com"}          a value that is personal, and which detector it belongs to
//   {"!not_promised": "Jon Smith"}         personal, but docs/security.md promises nothing of it: not counted
//   "*first_name": …, "?tags": …           a member whose name is personal, or may be called so or not
// Everything else is harmless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/pii/detect.hpp"

namespace attribution::test {

enum class label : std::uint8_t { harmless, personal, not_promised };

// One string, or one name of a member.
struct sample {
    std::string text{};
    std::string holder{};  // the name of the member that holds it, also through arrays
    std::string path{};    // as find_pii() writes it
    bool is_name = false;
    label is = label::harmless;
    std::optional<pii::kind> what{};  // of a personal one
};

struct labelled_body {
    std::string origin;   // file, or seed of the generator
    std::string payload;  // JSON without labels
    std::vector<sample> samples;
};

// Throws std::runtime_error on a label that does not exist, json::error on a text that is not JSON.
labelled_body read_labelled(std::string origin, std::string_view labelled_json);

// What the detectors say, through the functions that adapters and the guard use.
std::optional<pii::kind> verdict(const sample& of);

// A webhook body with labels, other fields and values for each seed.
std::string generate_labelled(std::uint64_t seed);

}  // namespace attribution::test
