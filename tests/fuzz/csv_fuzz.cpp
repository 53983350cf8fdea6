// The reader of CSV: what it accepts, written again with every field in quotes, is read as the same fields.
#include "core/csv/csv.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace attribution;

namespace {

std::string quoted(const std::string& field) {
    std::string text = "\"";
    for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + '"';
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<csv::record> once;
    try {
        once = csv::parse(fuzz::text_of(data, size));
    } catch (const csv::error& refused) {
        fuzz::require(refused.line() >= 1 && refused.line() <= size + 1, "an error is within the text");
        return 0;
    }
    std::string written;
    std::size_t last_line = 0;
    for (const csv::record& record : once) {
        fuzz::require(record.line > last_line && !record.fields.empty(), "records follow each other");
        last_line = record.line;
        for (const std::string& field : record.fields) written += quoted(field) + ',';
        written.back() = '\n';
    }
    const std::vector<csv::record> again = csv::parse(written);
    fuzz::require(again.size() == once.size(), "as many records");
    for (std::size_t i = 0; i < once.size(); ++i)
        fuzz::require(again[i].fields == once[i].fields, "the same fields");
    return 0;
}
