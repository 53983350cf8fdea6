// Makes sets of sales that were divided, where they differ from the current ones.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extension/src/sale_division.hpp"

namespace attribution::allocations {

// Between SPI_connect and SPI_finish, for one fetch of sales: the views that it is given live as long.
class set_writer {
  public:
    set_writer(Datum tenant, std::span<const named_model> models, std::string_view reason,
               recipient_table& recipients)
        : tenant_(tenant), models_(models), reason_(reason), recipients_(recipients) {}

    // What the sales that come next are compared with.
    void read_current(std::span<const sale> sales);
    void add(const sale& divided, const sale_division& by, std::uint32_t model);
    // One statement for first sets, one for revisions. Returns how many sets.
    std::int64_t write();

  private:
    struct part {
        std::uint32_t to;
        std::int64_t amount_minor;
        auto operator<=>(const part&) const = default;
    };
    struct set_key {
        pg_uuid_t entry;
        std::uint32_t model;
        bool operator<(const set_key& other) const;
    };
    struct current_set {
        std::int32_t revision = 0;
        std::vector<part> parts;
    };
    struct new_part {
        pg_uuid_t entry;
        std::uint32_t model;
        std::int32_t revision;
        std::uint32_t to;
        std::int64_t amount_minor;
        currency_code currency;
    };

    void insert(std::span<const new_part> parts);

    Datum tenant_;
    std::span<const named_model> models_;
    std::string_view reason_;
    recipient_table& recipients_;
    SPITupleTable* current_rows_ = nullptr;
    std::map<set_key, current_set> current_;
    std::vector<part> parts_;
    std::vector<new_part> first_;
    std::vector<new_part> revised_;
    std::int64_t sets_ = 0;
};

}  // namespace attribution::allocations
