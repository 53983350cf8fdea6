// What the files that decode events share. Everything calls PostgreSQL and owns nothing: run it inside
// call().
#pragma once

#include <new>

#include "extension/src/ingest_event.hpp"

namespace attribution::ingest {

// An array in the current memory context.
template <class element>
[[nodiscard]] std::span<element> new_array(int size) {
    auto* memory =
        static_cast<element*>(palloc(sizeof(element) * static_cast<std::size_t>(size > 0 ? size : 1)));
    for (int i = 0; i < size; ++i) new (memory + i) element();
    return {memory, static_cast<std::size_t>(size)};
}

// Reads the states into the event, and adds to its parts the totals they belong to, as never told. False with
// a refusal when they do not keep to the contract.
[[nodiscard]] bool decode_states(const JsonbValue* array, event& into);

}  // namespace attribution::ingest
