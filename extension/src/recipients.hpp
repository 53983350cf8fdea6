// Whom money is credited to, by numbers: names are compared once for a sale, not once for each part and
// model.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace attribution::allocations {

// The campaign is empty when the model does not tell campaigns apart.
struct recipient {
    std::string_view channel;
    std::string_view campaign;
    auto operator<=>(const recipient&) const = default;
};

class recipient_table {
  public:
    // Numbers count up from 0, and stay.
    std::uint32_t number_of(const recipient& one);
    [[nodiscard]] recipient name(std::uint32_t number) const { return names_[number].view(); }

  private:
    struct names {
        std::string channel;
        std::string campaign;
        [[nodiscard]] recipient view() const { return {channel, campaign}; }
    };
    struct hash {
        std::size_t operator()(const recipient& one) const noexcept {
            const std::hash<std::string_view> of_text;
            return of_text(one.channel) * 31 + of_text(one.campaign);
        }
    };

    std::deque<names> names_;  // which never moves them
    std::unordered_map<recipient, std::uint32_t, hash> numbers_;
};

}  // namespace attribution::allocations
