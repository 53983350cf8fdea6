#include "core/providers/shopify_body.hpp"

#include "core/providers/timestamp.hpp"

namespace attribution::providers::shopify {

namespace {

constexpr std::size_t end_of_seconds = 19;  // 2021-12-31T19:00:00

}  // namespace

std::string_view time_of(const shaped& from, std::string_view member) {
    const std::string_view time = text_of(from, member);
    if (!is_timestamp(time)) refuse_member(from, member);
    return time;
}

std::string_view time_of(const shaped& from, std::string_view member, std::string_view otherwise) {
    return time_of(from, from.object[member].is_null() ? otherwise : member);
}

std::string ranked_time(std::string_view time, int rank) {
    const std::string_view zone = time.substr(time.find_first_of("Zz+-", end_of_seconds));
    return std::string(time.substr(0, end_of_seconds)) + ".00000" + std::to_string(rank) + std::string(zone);
}

std::string order_key(std::string_view order_id) {
    return "shopify:order:" + std::string(order_id);
}

}  // namespace attribution::providers::shopify
