// A sale divided by a model: what each ledger entry gives to each channel.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/credit/packed_touches.hpp"
#include "core/credit/rules.hpp"
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

// Whom money goes to. The campaign is empty when the model does not tell campaigns apart.
struct recipient {
    std::string_view channel;
    std::string_view campaign;
    auto operator<=>(const recipient&) const = default;
};

class sale_division {
  public:
    explicit sale_division(const std::set<std::string, std::less<>>& paid_channels)
        : paid_channels_(paid_channels) {}

    // The touches of the sale; then it is divided by one model after the other. Views of the last sale end.
    void enter(const sale& next);
    void divide(const credit::model& by);

    // The last one is `unknown`, which may also be another one.
    [[nodiscard]] std::span<const recipient> recipients() const { return recipients_; }
    // By recipient: shares of the sale, which add up to 1.
    [[nodiscard]] std::span<const double> shares() const { return shares_; }
    // By recipient: the parts of an entry, which add up to it.
    [[nodiscard]] std::span<const std::int64_t> parts(std::size_t entry) const {
        return std::span(parts_).subspan(entry * recipients_.size(), recipients_.size());
    }

  private:
    [[nodiscard]] std::uint32_t place_of(const recipient& one);
    void share_by_touches(const credit::model& by);
    void divide_currency(std::span<const double> weights, std::size_t first);

    const std::set<std::string, std::less<>>& paid_channels_;
    const sale* sale_ = nullptr;
    std::vector<credit::packed_touch> packed_;
    std::vector<credit::touch> touches_;
    std::vector<recipient> recipients_;
    std::vector<double> shares_;
    std::vector<std::int64_t> parts_;
};

}  // namespace attribution::allocations
