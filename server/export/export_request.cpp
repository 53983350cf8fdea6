#include "server/export/export_request.hpp"

#include <algorithm>
#include <array>

#include "core/pii/detect.hpp"
#include "core/providers/timestamp.hpp"
#include "server/http/correlation.hpp"
#include "server/http/cursor.hpp"
#include "server/http/parameter.hpp"
#include "server/http/preference.hpp"
#include "server/http/problem.hpp"
#include "server/http/target.hpp"

namespace attribution::exports {

namespace {

constexpr int longest_page = 100'000;
constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_source = 200;

struct format_facts {
    std::string_view name;  // of the parameter format
    std::string_view media_type;
};
constexpr std::array<format_facts, 3> formats{{
    {"csv", "text/csv"},
    {"json", "application/json"},
    {"ndjson", "application/x-ndjson"},
}};

constexpr std::array<std::string_view, 5> kinds{"capture", "refund", "chargeback", "chargeback_reversal",
                                                "adjustment"};
constexpr std::array<std::string_view, 9> parameters{"format", "from", "to",    "channel", "model",
                                                     "source", "kind", "limit", "cursor"};

bool is_moment(std::string_view text) {
    return providers::is_timestamp(text.size() == 10 ? std::string(text) + "T00:00:00Z" : std::string(text));
}

bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

template <class Allowed>
bool consists_of(std::string_view text, Allowed is_allowed) {
    return !text.empty() && text.size() <= longest_name && std::all_of(text.begin(), text.end(), is_allowed);
}

bool is_channel_name(std::string_view text) {
    return consists_of(text, [](char c) { return is_lower_or_digit(c) || c == '_'; });
}

bool is_model_name(std::string_view text) {
    return consists_of(text, [](char c) { return is_lower_or_digit(c) || c == '_' || c == '.' || c == '-'; });
}

// What a source can be at all, as storage judges it: PostgreSQL can log it.
bool is_source_name(std::string_view text) {
    constexpr std::string_view marks = "._:/#-";
    const auto is_letter_or_digit = [](char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); };
    return !text.empty() && text.size() <= longest_source && is_letter_or_digit(text.front()) &&
           std::all_of(
               text.begin(), text.end(),
               [&](char c) { return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos; }) &&
           !pii::find(text);
}

bool is_kind(std::string_view text) {
    return std::find(kinds.begin(), kinds.end(), text) != kinds.end();
}

// A misspelt filter would export what was not asked for.
void refuse_unknown_parameters(const http::request& r) {
    for (const auto& [name, value] : r.parameters) {
        if (std::find(parameters.begin(), parameters.end(), name) == parameters.end())
            throw http::problem(400, "A parameter is not known.",
                                "Use format, from, to, channel, model, source, kind, limit, cursor.");
    }
}

format format_of(const http::request& r) {
    constexpr std::array<std::string_view, 3> types{formats[0].media_type, formats[1].media_type,
                                                    formats[2].media_type};
    const auto find = [](std::string_view name) {
        return std::find_if(formats.begin(), formats.end(),
                            [&](const format_facts& f) { return f.name == name; });
    };
    const auto given = http::parameter_of(
        r, "format", [&](std::string_view name) { return find(name) != formats.end(); },
        "It is csv, json or ndjson.");
    if (given) return static_cast<format>(find(*given) - formats.begin());
    const auto liked = http::preferred_type(r, types);
    if (!liked)
        throw http::problem(
            406, "Accept names none of the formats that there are.",
            "Accept text/csv, application/json or application/x-ndjson, or use the parameter format.");
    return static_cast<format>(*liked);
}

bool is_key(const std::vector<std::string>& parts) {
    return providers::is_timestamp(parts[0]) && http::is_uuid(parts[1]) &&
           std::all_of(parts.begin() + 2, parts.end(), http::is_free_of_pii);
}

std::optional<row_key> start_of(const http::request& r, const export_request& asked) {
    const std::size_t parts = asked.model ? 4 : 2;
    auto key = http::cursor_of(r, asked.list, parts);
    if (!key) return std::nullopt;
    if (!is_key(*key)) throw http::unusable_cursor();
    key->resize(4);
    return row_key{(*key)[0], (*key)[1], (*key)[2], (*key)[3]};
}

using named_values = std::vector<std::pair<std::string, std::string>>;

named_values filters_of(const export_request& asked) {
    named_values filters;
    const auto add = [&filters](const char* name, const std::optional<std::string>& value) {
        if (value) filters.emplace_back(name, *value);
    };
    add("from", asked.from);
    add("to", asked.to);
    add("channel", asked.channel);
    add("model", asked.model);
    add("source", asked.source);
    add("kind", asked.kind);
    return filters;
}

}  // namespace

std::string_view media_type(format f) {
    return formats[static_cast<std::size_t>(f)].media_type;
}

export_request read_request(const http::request& r, std::string_view tenant_id) {
    refuse_unknown_parameters(r);
    export_request asked;
    asked.as = format_of(r);
    constexpr std::string_view moments =
        "Write 2026-11-22, 2026-11-22T10:00:00Z, or 2026-11-22T10:00:00%2B05:30 (a plus sign is %2B in a "
        "URL).";
    asked.from = http::parameter_of(r, "from", is_moment, moments);
    asked.to = http::parameter_of(r, "to", is_moment, moments);
    asked.channel = http::parameter_of(r, "channel", is_channel_name,
                                       "It is the name of a channel, such as paid_search.");
    asked.model =
        http::parameter_of(r, "model", is_model_name, "It is the name of one of the tenant's models.");
    asked.source = http::parameter_of(
        r, "source", is_source_name,
        "It is who told of the money, such as shopify: a letter or digit, then also . _ : / # -");
    asked.kind = http::parameter_of(r, "kind", is_kind,
                                    "It is capture, refund, chargeback, chargeback_reversal or adjustment.");
    const auto is_limit = [](std::string_view text) {
        return http::number_up_to(longest_page, text).has_value();
    };
    const auto limit = http::parameter_of(
        r, "limit", is_limit, "It is a number from 1 to 100000; without it all rows come in one answer.");
    if (limit) asked.limit = http::number_up_to(longest_page, *limit);
    asked.list = http::write_target(tenant_id, filters_of(asked));
    asked.after = start_of(r, asked);
    return asked;
}

std::string cursor_to(const export_request& asked, const row_key& last) {
    std::vector<std::string_view> parts{last.bucket_start, last.entry_id};
    if (asked.model) parts.insert(parts.end(), {last.channel, last.campaign});
    return http::write_cursor(asked.list, parts);
}

std::string target_of(const export_request& asked, std::string_view cursor) {
    named_values all = filters_of(asked);
    all.emplace_back("format", formats[static_cast<std::size_t>(asked.as)].name);
    if (asked.limit) all.emplace_back("limit", std::to_string(*asked.limit));
    all.emplace_back("cursor", cursor);
    return http::write_target("/api/export/revenue", all);
}

}  // namespace attribution::exports
