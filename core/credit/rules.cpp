#include "core/credit/rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/credit/names.hpp"
#include "core/errors.hpp"

namespace attribution::credit {

namespace {

constexpr auto rule_names = std::to_array<std::pair<std::string_view, rule>>({
    {"first_touch", rule::first_touch},
    {"last_touch", rule::last_touch},
    {"last_non_direct", rule::last_non_direct},
    {"linear", rule::linear},
    {"position_based", rule::position_based},
    {"w_shaped", rule::w_shaped},
    {"time_decay", rule::time_decay},
    {"custom", rule::custom},
});

constexpr auto counted_names = std::to_array<std::pair<std::string_view, counted>>({
    {"all", counted::all},
    {"not_direct", counted::not_direct},
    {"paid", counted::paid},
});

// A double, since times may be infinite, and their difference then is no integer.
double age(microseconds earlier, microseconds later) {
    return static_cast<double>(later) - static_cast<double>(earlier);
}

bool counts(const model& m, const touch& t, microseconds converted_at) {
    if (t.at > converted_at) return false;
    if (m.lookback && age(t.at, converted_at) > static_cast<double>(*m.lookback)) return false;
    switch (m.counts) {
        case counted::all:
            return true;
        case counted::not_direct:
            return !t.is_direct;
        case counted::paid:
            return t.is_paid;
    }
    return false;
}

bool is_in_order(std::span<const touch> touches, const std::vector<std::size_t>& places) {
    return std::is_sorted(places.begin(), places.end(),
                          [&](std::size_t a, std::size_t b) { return touches[a].at < touches[b].at; });
}

// The places of the touches that count, in order of time.
void find_counted(const model& m, std::span<const touch> touches, microseconds converted_at,
                  std::vector<std::size_t>& places) {
    places.clear();
    for (std::size_t i = 0; i < touches.size(); ++i)
        if (counts(m, touches[i], converted_at)) places.push_back(i);
    if (!is_in_order(touches, places)) {
        std::stable_sort(places.begin(), places.end(),
                         [&](std::size_t a, std::size_t b) { return touches[a].at < touches[b].at; });
    }
    if (m.collapse_repeats) {
        const auto end = std::unique(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
            return touches[a].group == touches[b].group;
        });
        places.erase(end, places.end());
    }
}

// Weights by position. A share that has nobody to go to is left out, and the others keep their proportions.
void weigh_by_position(double first, double last, double each_between, std::vector<double>& weights) {
    const std::size_t count = weights.size();
    std::fill(weights.begin(), weights.end(), each_between);
    weights.front() = first;
    weights.back() = count == 1 ? 1 : last;
}

void weigh_position_based(const model& m, std::vector<double>& weights) {
    const auto between = static_cast<double>(weights.size()) - 2;
    weigh_by_position(m.first, m.last, (1 - m.first - m.last) / std::max(between, 1.0), weights);
}

void weigh_w_shaped(const model& m, std::vector<double>& weights) {
    const auto others = static_cast<double>(weights.size()) - 3;
    weigh_by_position(m.first, m.last, (1 - m.first - m.middle - m.last) / std::max(others, 1.0), weights);
    if (weights.size() > 2) weights[weights.size() / 2] = m.middle;
}

std::size_t last_not_direct(std::span<const touch> touches, const std::vector<std::size_t>& places) {
    for (std::size_t i = places.size(); i-- > 0;)
        if (!touches[places[i]].is_direct) return i;
    return places.size() - 1;
}

// As of the newest touch, not of the conversion: only proportions matter, and so the weights of old journeys
// do not vanish.
void weigh_by_age(const model& m, std::span<const touch> touches, const std::vector<std::size_t>& places,
                  std::vector<double>& weights) {
    const microseconds newest = touches[places.back()].at;
    for (std::size_t i = 0; i < places.size(); ++i)
        weights[i] = std::exp2(-age(touches[places[i]].at, newest) / static_cast<double>(m.half_life));
}

// Of the touches that count, at least one. Weights are 0 before.
void weigh(const model& m, std::span<const touch> touches, const std::vector<std::size_t>& places,
           std::vector<double>& weights) {
    switch (m.by) {
        case rule::first_touch:
            weights.front() = 1;
            return;
        case rule::last_touch:
            weights.back() = 1;
            return;
        case rule::last_non_direct:
            weights[last_not_direct(touches, places)] = 1;
            return;
        case rule::linear:
            std::fill(weights.begin(), weights.end(), 1.0);
            return;
        case rule::position_based:
            return weigh_position_based(m, weights);
        case rule::w_shaped:
            return weigh_w_shaped(m, weights);
        case rule::time_decay:
            return weigh_by_age(m, touches, places, weights);
        case rule::custom:
            return weigh_by_position(m.first, m.last, m.middle, weights);
    }
}

[[noreturn]] void refuse(std::string detail, std::string hint) {
    throw error("22023", "the model is not usable", std::move(detail), std::move(hint));
}

// Large enough for any proportion, and sums stay far from overflow.
bool is_weight(double value) {
    return value >= 0 && value <= 1e15;
}

}  // namespace

std::optional<rule> find_rule(std::string_view name) {
    return find_by_name(rule_names, name);
}

std::optional<counted> find_counted(std::string_view name) {
    return find_by_name(counted_names, name);
}

model default_model(rule by) {
    model m;
    m.by = by;
    if (by == rule::position_based) m.first = m.last = 0.4;
    if (by == rule::w_shaped) m.first = m.middle = m.last = 0.3;
    if (by == rule::custom) m.first = m.middle = m.last = 1;
    return m;
}

void check(const model& m) {
    if (!is_weight(m.first) || !is_weight(m.middle) || !is_weight(m.last))
        refuse("first, middle and last must be numbers from 0 to 1e15.", "Give shares such as 0.4.");
    // Not passed over: whoever names a share means something by it.
    const bool has_middle = m.by == rule::w_shaped || m.by == rule::custom;
    const bool has_ends = m.by == rule::position_based || m.by == rule::w_shaped || m.by == rule::custom;
    if (!has_ends && m.first + m.last > 0)
        refuse("This rule has no shares for the first and the last touch.",
               "position_based, w_shaped and custom do.");
    if (!has_middle && m.middle > 0)
        refuse("This rule has no share for the middle.",
               "w_shaped and custom do; position_based divides what is left.");
    // With two touches only these are left, and one of them must get it.
    if (has_ends && m.first + m.last <= 0)
        refuse("first and last are both 0.",
               "Give at least one of them a share: of two touches only they count.");
    const bool are_shares = m.by == rule::position_based || m.by == rule::w_shaped;
    if (are_shares && m.first + m.middle + m.last > 1 + 1e-9)
        refuse("The shares add up to more than 1.", "What is left of 1 is divided among the other touches.");
    if (m.half_life <= 0) refuse("The half-life is not above 0.", "The usual half-life is 7 days.");
    if (m.lookback && *m.lookback < 0)
        refuse("The lookback window is negative.", "Leave it out to count all touches.");
}

void credited_touches::count(const model& m, std::span<const touch> touches, microseconds converted_at) {
    find_counted(m, touches, converted_at, places_);
    shares_.assign(places_.size(), 0.0);
    if (places_.empty()) return;
    weigh(m, touches, places_, shares_);
    const double sum = std::accumulate(shares_.begin(), shares_.end(), 0.0);
    for (double& share : shares_) share /= sum;
}

std::vector<double> touch_credit(const model& m, std::span<const touch> touches, microseconds converted_at) {
    credited_touches credited;
    credited.count(m, touches, converted_at);
    std::vector<double> credit(touches.size(), 0.0);
    for (std::size_t i = 0; i < credited.places().size(); ++i)
        credit[credited.places()[i]] = credited.shares()[i];
    return credit;
}

}  // namespace attribution::credit
