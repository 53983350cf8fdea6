// The reader of JSON: what it accepts has one canonical text, which it reads as the same value.
#include "core/json/canonical.hpp"
#include "core/json/document.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace attribution;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string once;
    try {
        once = json::canonical(json::parse(fuzz::text_of(data, size)).root());
    } catch (const json::error& refused) {
        fuzz::require(refused.offset() <= size, "an error is within the text");
        return 0;
    }
    fuzz::require(json::canonical(json::parse(once).root()) == once, "canonical text is stable");
    return 0;
}
