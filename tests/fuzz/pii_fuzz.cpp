// Detection and redaction: nothing is left of what is found, whatever surrounds it.
#include "core/pii/detect.hpp"
#include "core/pii/keys.hpp"
#include "core/pii/text.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace attribution;

namespace {

void check(std::string_view text, pii::meaning as) {
    const std::string redacted = pii::redact(text, as);
    fuzz::require(!pii::find(redacted, as), "nothing is found after redaction");
    fuzz::require(pii::find(text, as) || redacted == text, "redaction changes only what holds something");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    check(text, pii::meaning::free_text);
    check(text, pii::meaning::id);
    fuzz::require(pii::find(text) || !pii::find(text, pii::meaning::id), "an id is free text too");

    const std::string cleaned = pii::clean_text(text);
    fuzz::require(
        !pii::find(cleaned) && pii::is_valid_utf8(cleaned) && cleaned.size() <= pii::max_text_length,
        "clean text is clean, storable and short");

    const std::string planted = std::string(text) + " planted.person@example.org";
    fuzz::require(pii::find(planted).has_value(), "an address is found whatever stands before it");
    fuzz::require(
        fuzz::mentions_planted(text) || pii::redact(planted).find(fuzz::planted) == std::string::npos,
        "and nothing of it is left");
    (void)pii::is_personal_key(text);
    (void)pii::is_id_name(text);
    return 0;
}
