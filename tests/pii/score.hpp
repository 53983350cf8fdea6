// Recall and precision of each detector.
#pragma once

#include <array>
#include <iosfwd>
#include <optional>

#include "tests/pii/corpus.hpp"

namespace attribution::test {

inline constexpr double least_recall = 0.99;
inline constexpr double least_precision = 0.98;
inline constexpr std::size_t least_class =
    20;  // values that a detector must have before its rates are judged

class score {
  public:
    // Whether the verdict is the label. A value found by another detector than its own is a miss of the one
    // and a false alarm of the other.
    bool add(const sample& of, std::optional<pii::kind> found);
    // Personal data was found in a text from which it had been taken out.
    void add_leak() { ++leaks_; }
    score& operator+=(const score& other);

    // Prints "ok …" and "not ok …" for each detector and the whole; false when one is not ok.
    bool print(std::ostream& out, std::string_view title) const;

  private:
    struct counts {
        std::size_t labelled = 0;
        std::size_t right = 0;
        std::size_t found = 0;
        counts& operator+=(const counts& other);
    };
    static bool print_line(std::ostream& out, std::string_view title, std::string_view what,
                           const counts& of);

    std::array<counts, 7> of_kind_{};
    std::size_t harmless_ = 0;
    std::size_t not_promised_ = 0;
    std::size_t not_promised_found_ = 0;
    std::size_t leaks_ = 0;
};

}  // namespace attribution::test
