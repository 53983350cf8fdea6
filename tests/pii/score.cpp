#include "tests/pii/score.hpp"

#include <iomanip>
#include <ostream>

namespace attribution::test {

bool score::add(const sample& of, std::optional<pii::kind> found) {
    if (of.is == label::not_promised) {
        ++not_promised_;
        if (found) ++not_promised_found_;
        return true;
    }
    if (of.is == label::harmless) ++harmless_;
    if (of.what) ++of_kind_.at(static_cast<std::size_t>(*of.what)).labelled;
    if (found) ++of_kind_.at(static_cast<std::size_t>(*found)).found;
    if (found && found == of.what) ++of_kind_.at(static_cast<std::size_t>(*found)).right;
    return found == of.what;
}

score::counts& score::counts::operator+=(const counts& other) {
    labelled += other.labelled;
    right += other.right;
    found += other.found;
    return *this;
}

score& score::operator+=(const score& other) {
    for (std::size_t i = 0; i < of_kind_.size(); ++i) of_kind_.at(i) += other.of_kind_.at(i);
    harmless_ += other.harmless_;
    not_promised_ += other.not_promised_;
    not_promised_found_ += other.not_promised_found_;
    leaks_ += other.leaks_;
    return *this;
}

bool score::print_line(std::ostream& out, std::string_view title, std::string_view what, const counts& of) {
    const auto rate = [](std::size_t part, std::size_t whole) {
        return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
    };
    const double recall = rate(of.right, of.labelled);
    const double precision = rate(of.right, of.found);
    const bool good = of.labelled < least_class || (recall >= least_recall && precision >= least_precision);
    out << (good ? "ok - " : "not ok - ") << title << ", " << what << ": " << of.labelled << " personal, "
        << of.labelled - of.right << " missed, " << of.found - of.right << " false alarms; recall "
        << std::fixed << std::setprecision(4) << recall << ", precision " << precision << '\n';
    return good;
}

bool score::print(std::ostream& out, std::string_view title) const {
    bool good = true;
    counts all;
    for (std::size_t i = 0; i < of_kind_.size(); ++i) {
        good = print_line(out, title, pii::name(static_cast<pii::kind>(i)), of_kind_.at(i)) && good;
        all += of_kind_.at(i);
    }
    good = print_line(out, title, "all", all) && good;
    out << (leaks_ == 0 ? "ok - " : "not ok - ") << title << ": " << leaks_
        << " texts with findings after redaction\n";
    out << title << ": " << harmless_ << " harmless values and names; of " << not_promised_
        << " that are not promised, " << not_promised_found_ << " were found\n";
    return good && leaks_ == 0;
}

}  // namespace attribution::test
