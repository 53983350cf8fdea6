// The touches that lead to a sale in one string of bytes, as the table sales keeps them: what models read
// instead of events, so made to be read fast.
//
// All numbers are little endian. The format:
//   version            1 byte, 1
//   labels             uint32, how many; then for each uint32 length of channel, uint32 length of campaign
//   texts              the channel and the campaign of each label, one after the other
//   touches            uint32, how many
//   times              int64 each, microseconds
//   label numbers      of each touch: uint8 if there are at most 256 labels, else uint16
// Labels are the different pairs of (channel, campaign) in bytewise order, touches are in the order of (time,
// label): the same touches are the same bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/credit/rules.hpp"

namespace attribution::credit {

struct touch_label {
    std::string_view channel;
    std::string_view campaign;

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in it
    auto operator<=>(const touch_label&) const = default;
};

struct packed_touch {
    microseconds at = 0;
    std::string_view channel;
    std::string_view campaign;

    // NOLINTNEXTLINE(modernize-use-nullptr)
    auto operator<=>(const packed_touch&) const = default;
};

inline constexpr std::size_t max_journey_touches = 1000;  // the newest stay

// In any order. Touches that are alike are kept as often as they come. Of touches of the same time those
// count as newer that are greater by (channel, campaign).
std::string pack_touches(std::vector<packed_touch> touches);

// What pack_touches() does first: the newest are left, in their order.
void keep_newest(std::vector<packed_touch>& touches);

// Appends the touches in their order. Views point into `packed`. Throws error XX001 when it is not of the
// format, and then appends nothing.
void unpack_touches(std::string_view packed, std::vector<packed_touch>& into);

// The same by columns, for who looks up a label once and not for each of its touches.
class touch_columns {
  public:
    // Reads another string, into the memory of the last. It must outlive what is asked for. Throws as
    // unpack_touches does; what can be asked for then says nothing.
    void read(std::string_view packed);

    // Each touch's time, the oldest first, and the place of its label in labels().
    [[nodiscard]] std::span<const microseconds> times() const { return times_; }
    [[nodiscard]] std::span<const std::uint16_t> label_numbers() const { return label_numbers_; }
    [[nodiscard]] std::span<const touch_label> labels() const { return labels_; }

  private:
    std::vector<touch_label> labels_;
    std::vector<microseconds> times_;
    std::vector<std::uint16_t> label_numbers_;
};

}  // namespace attribution::credit
