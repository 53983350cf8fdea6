#include "extension/src/pii_names.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#include "core/pii/keys.hpp"

namespace attribution::pii {

namespace {

// A name of up to 32 characters as numbers, which compare faster than texts: its two ends, which meet or
// overlap.
struct packed_name {
    std::uint64_t size = 0;
    std::array<std::uint64_t, 4> words{};

    explicit packed_name(std::string_view name) : size(name.size()) {
        const char* begin = name.data();
        const char* end = begin + name.size();
        if (name.size() >= 16) {
            words = {load<std::uint64_t>(begin), load<std::uint64_t>(begin + 8),
                     load<std::uint64_t>(end - 16), load<std::uint64_t>(end - 8)};
        } else if (name.size() >= 8) {
            words = {load<std::uint64_t>(begin), load<std::uint64_t>(end - 8)};
        } else if (name.size() >= 4) {
            words = {load<std::uint32_t>(begin), load<std::uint32_t>(end - 4)};
        } else if (!name.empty()) {
            words = {load<std::uint8_t>(begin), load<std::uint8_t>(begin + name.size() / 2),
                     load<std::uint8_t>(end - 1)};
        }
    }
    packed_name() = default;
    // Word by word: for an array the compiler would call memcmp.
    bool operator==(const packed_name& other) const {
        return ((size ^ other.size) | (words[0] ^ other.words[0]) | (words[1] ^ other.words[1]) |
                (words[2] ^ other.words[2]) | (words[3] ^ other.words[3])) == 0;
    }

    [[nodiscard]] std::uint64_t hash() const {
        const std::uint64_t mixed = size ^ words[0] ^ (words[1] * 31) ^ (words[2] * 131) ^ (words[3] * 1031);
        return mixed * 0x9E3779B97F4A7C15U;
    }

  private:
    template <class word>
    static std::uint64_t load(const char* from) {
        word value;
        std::memcpy(&value, from, sizeof value);
        return value;
    }
};

// The names of rows repeat: those that were found harmless are remembered, each in one of two places that its
// hash names.
class known_names {
  public:
    static constexpr std::size_t longest = 32;

    [[nodiscard]] bool has(const packed_name& name) const {
        const std::size_t at = place_of(name);
        return places_[at] == name || places_[at + 1] == name;
    }
    void remember(const packed_name& name) {
        const std::size_t at = place_of(name);
        places_[places_[at].size == 0 ? at : at + 1] = name;
    }

  private:
    static constexpr unsigned place_bits = 10;
    static std::size_t place_of(const packed_name& name) { return name.hash() >> (64U - place_bits); }

    std::array<packed_name, (1U << place_bits) + 1> places_{};
};

known_names harmless_names;  // of this backend

}  // namespace

std::optional<kind> judge_name(std::string_view name) {
    const bool is_short = !name.empty() && name.size() <= known_names::longest;
    if (is_short && harmless_names.has(packed_name(name))) return std::nullopt;
    if (is_personal_key(name)) return kind::personal_key;
    const auto found = find(name);
    if (!found && is_short) harmless_names.remember(packed_name(name));
    return found;
}

bool is_masked_name(std::string_view name) {
    return find(name).has_value();
}

}  // namespace attribution::pii
