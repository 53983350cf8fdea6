#include "extension/src/pii_names.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/pii/keys.hpp"

namespace attribution::pii {

namespace {

// The names of rows repeat: those that were found harmless are remembered, each in the place that its hash
// says.
class known_names {
  public:
    [[nodiscard]] bool has(std::string_view name) const {
        return fits(name) && places_[hash(name)].text() == name;
    }
    void remember(std::string_view name) {
        if (!fits(name)) return;
        place& into = places_[hash(name)];
        into.size = static_cast<std::uint8_t>(name.size());
        std::copy(name.begin(), name.end(), into.characters.begin());
    }

  private:
    static constexpr std::size_t longest = 31;
    struct place {
        std::uint8_t size = 0;
        std::array<char, longest> characters{};
        [[nodiscard]] std::string_view text() const { return {characters.data(), size}; }
    };
    static bool fits(std::string_view name) { return !name.empty() && name.size() <= longest; }
    static std::size_t hash(std::string_view name) {
        const auto at = [name](std::size_t i) -> std::size_t { return static_cast<unsigned char>(name[i]); };
        return (name.size() + 31 * at(0) + 131 * at(name.size() / 2) + 17 * at(name.size() - 1)) %
               place_count;
    }

    static constexpr std::size_t place_count = 256;
    std::array<place, place_count> places_{};
};

known_names harmless_names;  // of this backend

}  // namespace

std::optional<kind> judge_name(std::string_view name) {
    if (harmless_names.has(name)) return std::nullopt;
    if (is_personal_key(name)) return kind::personal_key;
    const auto found = find(name);
    if (!found) harmless_names.remember(name);
    return found;
}

bool is_masked_name(std::string_view name) {
    return find(name).has_value();
}

}  // namespace attribution::pii
