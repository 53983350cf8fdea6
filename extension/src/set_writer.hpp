// Makes sets of sales that were divided, where they differ from the current ones.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extension/src/dirty_buckets.hpp"
#include "extension/src/sale_division.hpp"

namespace attribution::allocations {

// Not by INSERT: what an INSERT's trigger does is done here with the same functions, for as many sets at a
// time, and rows are written as COPY writes them. So nothing gets in that an INSERT would not let in.
class set_writer {
  public:
    set_writer(const pg_uuid_t& tenant, std::span<const named_model> models, std::string_view reason,
               recipient_table& recipients);

    // What the sales that come next are compared with.
    void read_current(std::span<const sale> sales);
    void add(const sale& divided, const sale_division& by, std::uint32_t model);
    // Returns how many sets.
    std::int64_t write();

  private:
    struct part {
        std::uint32_t to;
        std::int64_t amount_minor;
        bool operator==(const part&) const = default;
        bool operator<(const part& other) const {
            return to != other.to ? to < other.to : amount_minor < other.amount_minor;
        }
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

    void note_header(const pg_uuid_t& entry, std::string_view model, std::int32_t revision);
    void note_part(const pg_uuid_t& entry, std::string_view model, std::int32_t revision, const part& one);
    [[nodiscard]] std::optional<std::uint32_t> number_of(std::string_view model) const;
    void insert(std::vector<new_part>& parts);

    pg_uuid_t tenant_;
    std::span<const named_model> models_;
    std::string_view reason_;
    recipient_table& recipients_;
    Oid schema_;
    MemoryContext memory_;            // of one insert()
    std::vector<pg_uuid_t> entries_;  // of the sales, sorted
    std::map<set_key, current_set> current_;
    std::vector<part> parts_;
    std::vector<new_part> first_;
    std::vector<new_part> revised_;
    reports::dirty_buckets touched_;
    std::int64_t sets_ = 0;
};

}  // namespace attribution::allocations
