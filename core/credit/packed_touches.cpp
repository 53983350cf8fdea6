#include "core/credit/packed_touches.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "core/errors.hpp"

namespace attribution::credit {

namespace {

constexpr char version = 1;
constexpr std::size_t most_short_labels = 256;
static_assert(max_journey_touches <= std::numeric_limits<std::uint16_t>::max());

[[noreturn]] void refuse() {
    throw error("XX001", "packed touches are damaged", "The bytes are not of the format of packed touches.",
                "Make the row of this journey again from its events.");
}

template <class number>
using bytes_of = std::array<char, sizeof(number)>;

template <class number>
void append(std::string& to, number value) {
    auto bytes = std::bit_cast<bytes_of<number>>(value);
    if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
    to.append(bytes.data(), bytes.size());
}

template <class number>
number load(const char* from) {
    bytes_of<number> bytes;
    std::memcpy(bytes.data(), from, bytes.size());
    if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
    return std::bit_cast<number>(bytes);
}

// What is left to be read. No length is believed before that many bytes are there.
class reader {
  public:
    explicit reader(std::string_view left) : left_(left) {}

    std::string_view take(std::size_t length) {
        if (length > left_.size()) refuse();
        const std::string_view taken = left_.substr(0, length);
        left_.remove_prefix(length);
        return taken;
    }
    // Of 32 bits: no size that is made of it overflows.
    std::size_t take_count() { return load<std::uint32_t>(take(sizeof(std::uint32_t)).data()); }
    [[nodiscard]] bool is_at_end() const { return left_.empty(); }

  private:
    std::string_view left_;
};

template <class number, class values>
void load_all(std::string_view column, values& into) {
    into.resize(column.size() / sizeof(number));
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = load<number>(column.data() + i * sizeof(number));
}

void read_labels(reader& from, std::vector<touch_label>& into) {
    constexpr std::size_t width = sizeof(std::uint32_t);
    const std::size_t count = from.take_count();
    reader lengths(from.take(count * 2 * width));
    into.clear();
    into.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view channel = from.take(lengths.take_count());
        into.push_back({channel, from.take(lengths.take_count())});
    }
}

bool is_same_view(std::string_view a, std::string_view b) {
    return a.data() == b.data() && a.size() == b.size();
}

// The labels of touches, and the number of each touch's.
struct numbered_labels {
    std::vector<touch_label> labels;
    std::vector<std::uint16_t> numbers;
};

// Most touches have labels that others have too, often the same bytes: strings are compared once for each
// different pair of views.
numbered_labels number_labels(std::span<const packed_touch> touches) {
    std::vector<touch_label> seen;
    numbered_labels made{{}, std::vector<std::uint16_t>(touches.size())};
    for (std::size_t i = 0; i < touches.size(); ++i) {
        const auto is_this = [&](const touch_label& one) {
            return is_same_view(one.channel, touches[i].channel) &&
                   is_same_view(one.campaign, touches[i].campaign);
        };
        const auto known = std::find_if(seen.begin(), seen.end(), is_this);
        made.numbers[i] = static_cast<std::uint16_t>(known - seen.begin());
        if (known == seen.end()) seen.push_back({touches[i].channel, touches[i].campaign});
    }
    made.labels = seen;
    std::sort(made.labels.begin(), made.labels.end());
    made.labels.erase(std::unique(made.labels.begin(), made.labels.end()), made.labels.end());
    std::vector<std::uint16_t> number_of(seen.size());
    std::transform(seen.begin(), seen.end(), number_of.begin(), [&](const touch_label& one) {
        return static_cast<std::uint16_t>(std::lower_bound(made.labels.begin(), made.labels.end(), one) -
                                          made.labels.begin());
    });
    for (std::uint16_t& number : made.numbers) number = number_of[number];
    return made;
}

void append_labels(std::string& to, std::span<const touch_label> labels) {
    append(to, static_cast<std::uint32_t>(labels.size()));
    for (const touch_label& label : labels) {
        append(to, static_cast<std::uint32_t>(label.channel.size()));
        append(to, static_cast<std::uint32_t>(label.campaign.size()));
    }
    for (const touch_label& label : labels) to.append(label.channel).append(label.campaign);
}

}  // namespace

void keep_newest(std::vector<packed_touch>& touches) {
    std::sort(touches.begin(), touches.end());
    if (touches.size() > max_journey_touches)
        touches.erase(touches.begin(), touches.end() - std::ptrdiff_t{max_journey_touches});
}

std::string pack_touches(std::vector<packed_touch> touches) {
    keep_newest(touches);
    const auto [labels, numbers] = number_labels(touches);
    std::string packed(1, version);
    append_labels(packed, labels);
    append(packed, static_cast<std::uint32_t>(touches.size()));
    for (const packed_touch& touch : touches) append(packed, touch.at);
    for (const std::uint16_t number : numbers) {
        if (labels.size() <= most_short_labels)
            append(packed, static_cast<std::uint8_t>(number));
        else
            append(packed, number);
    }
    return packed;
}

void unpack_touches(std::string_view packed, std::vector<packed_touch>& into) {
    touch_columns columns;
    columns.read(packed);
    into.reserve(into.size() + columns.times().size());
    for (std::size_t i = 0; i < columns.times().size(); ++i) {
        const touch_label& label = columns.labels()[columns.label_numbers()[i]];
        into.push_back({columns.times()[i], label.channel, label.campaign});
    }
}

void touch_columns::read(std::string_view packed) {
    reader from(packed);
    if (from.take(1)[0] != version) refuse();
    read_labels(from, labels_);
    const std::size_t count = from.take_count();
    load_all<microseconds>(from.take(count * sizeof(microseconds)), times_);
    if (labels_.size() <= most_short_labels)
        load_all<std::uint8_t>(from.take(count), label_numbers_);
    else
        load_all<std::uint16_t>(from.take(count * sizeof(std::uint16_t)), label_numbers_);
    if (!from.is_at_end()) refuse();
    // Readers may rely on the order, and on every number having its label.
    if (std::adjacent_find(labels_.begin(), labels_.end(), std::greater_equal<>()) != labels_.end()) refuse();
    for (std::size_t i = 0; i < count; ++i) {
        if (label_numbers_[i] >= labels_.size()) refuse();
        if (i > 0 &&
            std::pair(times_[i - 1], label_numbers_[i - 1]) > std::pair(times_[i], label_numbers_[i]))
            refuse();
    }
}

}  // namespace attribution::credit
