#include "server/attribution/spend_rows.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/csv/csv.hpp"
#include "core/errors.hpp"
#include "core/json/writer.hpp"
#include "core/pii/detect.hpp"
#include "server/http/json_body.hpp"
#include "server/http/problem.hpp"

namespace attribution::spend {

namespace {

constexpr std::size_t most_rows = 10'000;
constexpr std::size_t row_size = 150;  // about, as JSON

constexpr std::array<std::string_view, 7> members{"day",   "channel",     "campaign", "currency",
                                                  "spend", "impressions", "clicks"};
constexpr std::string_view members_hint =
    "Members: day, channel, campaign, currency, spend, impressions, clicks.";

bool is_member(std::string_view name) {
    return std::find(members.begin(), members.end(), name) != members.end();
}

http::problem wrong_form(std::string detail) {
    return http::problem(
        400, std::move(detail),
        "Send a JSON array of 1 to 10,000 rows, or CSV with a header. " + std::string(members_hint));
}

void check_count(std::size_t rows) {
    if (rows == 0) throw wrong_form("There is no row in the body.");
    if (rows > most_rows)
        throw http::problem(413, "There are more than 10,000 rows in the body.",
                            "Send them in several requests of at most 10,000 rows each.");
}

std::optional<refusal> personal(std::string_view member, std::string_view text) {
    if (!pii::find(text)) return std::nullopt;
    return refusal{pii_detected, "Member \"" + std::string(member) + "\" holds personal data.",
                   "Leave addresses and numbers of persons out."};
}

// What is neither text nor number is false here: the database says what the member must be.
void write_value(json::writer& out, json::value told) {
    const std::string_view text = told.text();
    if (told.is_string()) {
        out.string(text);
    } else if (told.is_number() && text.find_first_of("eE") == std::string_view::npos) {
        out.raw(text);
    } else if (told.is_null()) {
        out.null();
    } else {
        out.boolean(false);
    }
}

std::optional<refusal> write_row(json::writer& out, json::value row) {
    if (!row.is_object()) {
        out.null();  // the database says what it must be
        return std::nullopt;
    }
    for (const json::value member : row) {
        if (!is_member(member.key()))
            return refusal{invalid_spend, "The row has a member that rows do not have.",
                           std::string(members_hint)};
        if (!member.is_string()) continue;
        if (auto why = personal(member.key(), member.text())) return why;
    }
    out.begin_object();
    for (const json::value member : row) {
        out.key(member.key());
        write_value(out, member);
    }
    out.end_object();
    return std::nullopt;
}

// An empty field is an absent member.
std::optional<refusal> write_row(json::writer& out, const csv::record& header, const csv::record& row) {
    if (row.fields.size() != header.fields.size())
        throw wrong_form("Line " + std::to_string(row.line) +
                         " has another number of fields than the header.");
    for (std::size_t i = 0; i < row.fields.size(); ++i)
        if (auto why = personal(header.fields[i], row.fields[i])) return why;
    out.begin_object();
    for (std::size_t i = 0; i < row.fields.size(); ++i) out.optional_member(header.fields[i], row.fields[i]);
    out.end_object();
    return std::nullopt;
}

void check_header(const csv::record& header) {
    for (const std::string& name : header.fields) {
        if (!is_member(name)) throw wrong_form("The header names a column that rows do not have.");
        if (std::count(header.fields.begin(), header.fields.end(), name) > 1)
            throw wrong_form("The header names a column twice.");
    }
}

told_rows read_csv(std::string_view body) {
    std::vector<csv::record> records;
    try {
        records = csv::parse(body);
    } catch (const csv::error& broken) {
        throw wrong_form("The body is not valid CSV: " + broken.reason() + ", line " +
                         std::to_string(broken.line()) + ".");
    }
    check_count(std::max<std::size_t>(records.size(), 1) - 1);
    check_header(records.front());
    told_rows rows;
    json::writer out(row_size * records.size());
    out.begin_array();
    for (auto record = records.begin() + 1; record != records.end(); ++record)
        rows.refusals.push_back(write_row(out, records.front(), *record));
    rows.json = std::move(out.end_array()).text();
    return rows;
}

told_rows read_json(const http::request& r) {
    const json::document body = http::read_json_body(r);
    if (!body.root().is_array()) throw wrong_form("The body is not an array.");
    check_count(body.root().size());
    told_rows rows;
    json::writer out(row_size * body.root().size());
    out.begin_array();
    for (const json::value row : body.root()) rows.refusals.push_back(write_row(out, row));
    rows.json = std::move(out.end_array()).text();
    return rows;
}

}  // namespace

told_rows read_rows(const http::request& r) {
    if (http::has_content_type(r, "text/csv")) return read_csv(r.body);
    if (http::has_content_type(r, "application/json")) return read_json(r);
    throw http::problem(415, "The body is declared neither as JSON nor as CSV.",
                        "Send Content-Type: application/json or text/csv.");
}

}  // namespace attribution::spend
