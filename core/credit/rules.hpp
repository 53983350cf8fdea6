// Rule models: how much of a conversion each touchpoint before it is credited with.
//
// First and last touch, linear, time decay and position based are those of Google Analytics before 2023;
// custom weights for the first, the last and all between them are Adobe Analytics' "custom" (docs/models.md
// tells the sources).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace attribution::credit {

enum class rule : std::uint8_t {
    first_touch,
    last_touch,
    last_non_direct,  // the last touch that is not direct; the last of all when every one is
    linear,           // all alike
    position_based,   // a share for the first and one for the last, the rest divided among those between
    w_shaped,         // as position_based, with a share for the one in the middle as well
    time_decay,       // a touch counts half as much when it is half_life older
    custom,           // weights for the first, for the last, and for each between
};

// As SQL names them: "first_touch". nullopt when there is no such rule.
std::optional<rule> find_rule(std::string_view name);

// Which touches count at all.
enum class counted : std::uint8_t { all, not_direct, paid };
std::optional<counted> find_counted(std::string_view name);  // "all", "not_direct", "paid"

using microseconds = std::int64_t;
inline constexpr microseconds day = microseconds{86'400'000'000};

struct model {
    rule by = rule::last_touch;
    // Shares of position_based (0.4 and 0.4) and w_shaped (0.3 each), weights of custom; `middle` is the
    // share of the one in the middle, or the weight of each between.
    double first = 0;
    double middle = 0;
    double last = 0;
    microseconds half_life = 7 * day;
    std::optional<microseconds> lookback;  // touches older than this before the conversion do not count
    counted counts = counted::all;
    bool collapse_repeats = false;  // of touches of one group that follow each other only the first counts
    bool per_campaign = false;      // a group is a campaign of a channel, not the whole channel
};

// The usual shares of a rule. A position_based model's first and last are its own; and so on.
model default_model(rule by);

// Throws error 22023 when a share or a time is not usable.
void check(const model& m);

struct touch {
    microseconds at = 0;
    bool is_direct = false;
    bool is_paid = false;
    std::uint32_t group = 0;  // a number for its channel, or its campaign
};

// The touches that count, and the share of each, which add up to 1 unless there are none. For who does this
// for one journey after the other: memory is kept.
class credited_touches {
  public:
    // As touch_credit().
    void count(const model& m, std::span<const touch> touches, microseconds converted_at);

    [[nodiscard]] std::span<const std::size_t> places() const { return places_; }  // in order of time
    [[nodiscard]] std::span<const double> shares() const { return shares_; }

  private:
    std::vector<std::size_t> places_;
    std::vector<double> shares_;
};

// The credit of each touch, in the order given: at least 0, and adding up to 1 unless no touch counts, when
// all are 0. Touches may come in any order; of those at the same time the one given first is the earlier.
// What comes after the conversion does not count.
std::vector<double> touch_credit(const model& m, std::span<const touch> touches, microseconds converted_at);

}  // namespace attribution::credit
