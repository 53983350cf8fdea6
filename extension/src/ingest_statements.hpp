// The SQL that stores events, as plans that a backend keeps. Everything here calls PostgreSQL between
// SPI_connect and SPI_finish and owns nothing: run it inside call().
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "extension/src/compat.hpp"

extern "C" {
#include "executor/spi.h"
#include "utils/plancache.h"
}

namespace attribution::ingest {

// A statement with its saved plan, made at first use and made again when the types of its parameters are
// other ones (the extension was dropped and created again).
class saved_statement {
  public:
    explicit constexpr saved_statement(const char* sql) : sql_(sql) {}

    // Leaves the rows in SPI_tuptable and SPI_processed. An 'n' in `nulls` marks a parameter that is NULL.
    void execute(std::span<const Oid> types, std::span<Datum> values, const char* nulls = nullptr);

  private:
    static constexpr std::size_t max_parameters = 6;
    void prepare(std::span<const Oid> types);
    [[nodiscard]] const CachedPlanSource* source() const;
    [[nodiscard]] int times_planned() const;
    [[nodiscard]] bool has_plan() const;

    const char* sql_;
    SPIPlanPtr plan_ = nullptr;
    std::array<Oid, max_parameters> types_{};
};

// The statements. $1 is the tenant.
extern saved_statement store_events;        // $2 event_row[], $3 state_row[] → event_id, is_entry
extern saved_statement store_event;         // $2 event_row, $3 state_row or NULL → event_id, is_entry
extern saved_statement store_touchpoints;   // $2 event_row[]
extern saved_statement store_dead_letters;  // $2 dead_row[] → dead_id, in the order of the rows
extern saved_statement find_events;         // $2 source[], $3 delivery_key[] → position, event_id, digest
extern saved_statement
    find_currencies;                 // $2 money_key[], $3 kind[], $4 currency[] → position, booked currency
extern saved_statement find_tenant;  // → status

// A column of a row that the last statement gave; none of them is ever NULL.
[[nodiscard]] Datum result(std::uint64_t row, int column);

}  // namespace attribution::ingest
