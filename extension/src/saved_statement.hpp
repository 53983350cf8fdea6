// Statements whose plans a backend keeps. Everything here calls PostgreSQL between SPI_connect and SPI_finish
// and owns nothing: run it inside call().
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "extension/src/compat.hpp"

extern "C" {
#include "executor/spi.h"
#include "utils/plancache.h"
#include "utils/snapmgr.h"
}

namespace attribution::ingest {

// A statement with its saved plan, made at first use and made again when the types of its parameters are
// other ones (the extension was dropped and created again).
class saved_statement {
  public:
    explicit constexpr saved_statement(const char* sql) : sql_(sql) {}

    // Leaves the rows in SPI_tuptable and SPI_processed. An 'n' in `nulls` marks a parameter that is NULL.
    void execute(std::span<const Oid> types, std::span<Datum> values, const char* nulls = nullptr);

    // The same, but it sees what is committed by now, whatever the isolation level.
    void execute_newest(std::span<const Oid> types, std::span<Datum> values);

  private:
    static constexpr std::size_t max_parameters = 6;
    void prepare(std::span<const Oid> types);
    void execute_with(bool newest, std::span<const Oid> types, std::span<Datum> values, const char* nulls);
    [[nodiscard]] const CachedPlanSource* source() const;
    [[nodiscard]] int times_planned() const;
    [[nodiscard]] bool has_plan() const;

    const char* sql_;
    SPIPlanPtr plan_ = nullptr;
    std::array<Oid, max_parameters> types_{};
};

// A column of a row that the last statement gave; none of them is ever NULL.
[[nodiscard]] Datum result(std::uint64_t row, int column);

}  // namespace attribution::ingest
