#include "server/http/cursor.hpp"

#include <sodium.h>

#include <charconv>

#include "core/pii/detect.hpp"
#include "server/http/digest.hpp"
#include "server/http/parameter.hpp"
#include "server/http/problem.hpp"

namespace attribution::http {

namespace {

constexpr int base64url = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr char separator = '\0';  // no text of the database holds one
constexpr std::size_t check_digits = 16;

// No secret: who makes a cursor of their own sees no other rows than with one of ours.
std::string check_of(std::string_view list, std::string_view key) {
    return sha256_hex(std::string(list) + separator + std::string(key)).substr(0, check_digits);
}

std::string encode(std::string_view bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), base64url), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), base64url);
    text.pop_back();
    return text;
}

std::optional<std::string> decode(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, base64url) != 0)
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

std::vector<std::string> split(std::string_view key) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = key.find(separator);
        parts.emplace_back(key.substr(0, end));
        if (end == std::string_view::npos) return parts;
        key.remove_prefix(end + 1);
    }
}

std::optional<std::vector<std::string>> read_cursor(std::string_view cursor, std::string_view list) {
    const auto bytes = decode(cursor);
    if (!bytes || bytes->size() < check_digits) return std::nullopt;
    const std::string_view key = std::string_view(*bytes).substr(check_digits);
    if (check_of(list, key) != bytes->substr(0, check_digits)) return std::nullopt;
    return split(key);
}

}  // namespace

std::optional<int> number_up_to(int largest, std::string_view text) {
    int number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool sound =
        failed == std::errc() && end == text.data() + text.size() && number >= 1 && number <= largest;
    return sound ? std::optional(number) : std::nullopt;
}

int page_size_of(const request& r, page_sizes sizes) {
    const auto given = parameter_of(
        r, "limit", [&](std::string_view text) { return number_up_to(sizes.largest, text).has_value(); },
        "It is a number from 1 to " + std::to_string(sizes.largest) + ".");
    return given ? *number_up_to(sizes.largest, *given) : sizes.usual;
}

std::string write_cursor(std::string_view list, const std::vector<std::string_view>& key) {
    std::string joined;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (i > 0) joined += separator;
        joined += key[i];
    }
    return encode(check_of(list, joined) + joined);
}

std::optional<std::vector<std::string>> cursor_of(const request& r, std::string_view list,
                                                  std::size_t parts) {
    std::optional<std::vector<std::string>> key;
    (void)parameter_of(
        r, "cursor",
        [&](std::string_view text) {
            key = read_cursor(text, list);
            return key && key->size() == parts;
        },
        "It is next_cursor of the page before, asked for with the same parameters.");
    return key;
}

bool is_free_of_pii(std::string_view part) {
    return !pii::find(part);
}

problem unusable_cursor() {
    return problem(400, "The parameter cursor is not usable.",
                   "It is next_cursor of the page before, asked for with the same parameters.");
}

}  // namespace attribution::http
