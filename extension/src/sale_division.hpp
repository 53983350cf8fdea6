// A sale divided by a model: what each ledger entry gives to each channel.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/credit/packed_touches.hpp"
#include "core/credit/rules.hpp"
#include "extension/src/recipients.hpp"
#include "extension/src/sale_reader.hpp"

namespace attribution::allocations {

struct named_model {
    std::string name;
    credit::model rule;
};

// The models of a tenant with these names. Throws 42704 when one is not defined. Between SPI_connect and
// SPI_finish, as is read_paid_channels().
std::vector<named_model> read_models(Datum tenant, std::span<const std::string_view> names);
std::set<std::string, std::less<>> read_paid_channels();

class sale_division {
  public:
    sale_division(const std::set<std::string, std::less<>>& paid_channels, recipient_table& recipients)
        : paid_channels_(paid_channels),
          table_(recipients),
          nobody_known_(table_.number_of({"unknown", {}})) {}

    // The touches of the sale; then it is divided by one model after the other. Views of the last sale end.
    void enter(const sale& next);
    void divide(const credit::model& by);

    // Whom there are touches of, in bytewise order; then maybe the sale's own; the last is `unknown`, which
    // another one may be as well.
    [[nodiscard]] std::span<const std::uint32_t> recipients() const { return recipients_; }
    // By recipient: shares of the sale, which add up to 1.
    [[nodiscard]] std::span<const double> shares() const { return shares_; }
    // By recipient: the parts of an entry, which add up to it.
    [[nodiscard]] std::span<const std::int64_t> parts(std::size_t entry) const {
        return std::span(parts_).subspan(entry * recipients_.size(), recipients_.size());
    }

  private:
    void group_by(bool campaigns);
    void share_by_touches(const credit::model& by);
    void give_to_own_channel(bool campaigns);
    void divide_currency(std::size_t first);

    const std::set<std::string, std::less<>>& paid_channels_;
    recipient_table& table_;
    std::uint32_t nobody_known_;
    const sale* sale_ = nullptr;
    credit::touch_columns columns_;
    std::vector<credit::touch> touches_;
    std::optional<bool> grouped_by_campaigns_;  // how touches_ are grouped
    std::vector<std::uint32_t> groups_;         // of each label
    std::size_t group_count_ = 0;               // they come first among the recipients
    credit::credited_touches credited_;
    std::vector<std::uint32_t> recipients_;
    std::vector<double> shares_;
    std::vector<std::int64_t> parts_;
};

}  // namespace attribution::allocations
