// read_spend(): one told row of ad spend, from jsonb to typed columns, or the reason why it is refused.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "core/money/money.hpp"
#include "core/pii/detect.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/ingest_time.hpp"
#include "extension/src/jsonb_reader.hpp"

extern "C" {
#include "access/htup_details.h"
#include "funcapi.h"
}

namespace attribution::spend {

namespace {

constexpr std::size_t longest_campaign = 1000;                 // bytes; it stands in a key
constexpr std::int64_t largest_spend = 9'999'999'999'999'999;  // as the ledger's entries
constexpr std::int64_t largest_count = 999'999'999'999'999;    // exact in JSON, whoever reads it
constexpr std::int64_t microseconds_per_day = 86'400'000'000;

using count = std::optional<std::int64_t>;

// As told; texts point into the document.
struct told_row {
    std::int32_t day = 0;  // since 2000-01-01, as PostgreSQL's date
    std::string_view channel;
    std::string_view campaign;
    std::string_view currency;
    JsonbValue spend{};
    count impressions;
    count clicks;
};

struct verdict {
    std::string_view code;  // empty: the row is sound
    std::string detail;
    std::string hint;
};

const char* read_day(const JsonbValue& value, void* target) {
    constexpr std::string_view midnight = "T00:00:00Z";
    std::array<char, 10 + midnight.size()> time{};
    const std::string_view day = jsonb_text(value);
    if (day.size() + midnight.size() != time.size()) return "must be a day, such as 2026-11-22";
    std::copy(midnight.begin(), midnight.end(), std::copy(day.begin(), day.end(), time.begin()));
    const auto at = ingest::parse_rfc3339({time.data(), time.size()});
    if (!at) return "must be a day, such as 2026-11-22";
    *static_cast<std::int32_t*>(target) = static_cast<std::int32_t>(*at / microseconds_per_day);
    return nullptr;
}

const char* read_campaign(const JsonbValue& value, void* target) {
    if (jsonb_text(value).size() > longest_campaign) return "must be at most 1000 bytes long";
    return read_short_text(value, target);
}

// An amount that is no text is refused as an amount (RA005), so whatever is told is taken here.
const char* read_any(const JsonbValue& value, void* target) {
    *static_cast<JsonbValue*>(target) = value;
    return nullptr;
}

// Files have texts only.
const char* read_count(const JsonbValue& value, void* target) {
    constexpr const char* reason = "must be a whole number from 0 to 999999999999999";
    auto& into = *static_cast<count*>(target);
    if (value.type == jbvString) {
        const std::string_view text = jsonb_text(value);
        std::int64_t number = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failed != std::errc() || end != text.data() + text.size()) return reason;
        into = number;
    } else if (read_integer(value, target) != nullptr) {
        return reason;
    }
    return *into >= 0 && *into <= largest_count ? nullptr : reason;
}

bool decode(Jsonb* document, told_row& into, jsonb_refusal& refusal) {
    const std::array<jsonb_field, 7> fields{{
        {"day", true, read_day, &into.day},
        {"channel", true, read_short_text, &into.channel},
        {"campaign", false, read_campaign, &into.campaign},
        {"currency", true, read_short_text, &into.currency},
        {"spend", true, read_any, &into.spend},
        {"impressions", false, read_count, &into.impressions},
        {"clicks", false, read_count, &into.clicks},
    }};
    return read_jsonb_object(jsonb_root(document), {"row"}, fields, refusal);
}

std::int64_t spend_of(const told_row& row) {
    constexpr const char* message = "invalid amount";
    const money::currency currency = money::currency::from_code(row.currency);
    if (row.spend.type != jbvString) {
        throw error(invalid_amount, message, "Member \"spend\" is not a decimal text.",
                    "Write \"59.90\" with quotes: numbers may have been rounded on their way.");
    }
    const std::int64_t minor = money::parse_minor(jsonb_text(row.spend), currency);
    if (minor < 0) {
        throw error(invalid_amount, message, "Spend is never negative.",
                    "Tell what the day cost after the ad network's credit.");
    }
    if (minor > largest_spend) throw error(invalid_amount, message, "Spend has more than 16 digits.");
    return minor;
}

verdict judge(const told_row& row, std::int64_t& spend_minor) {
    try {
        if (pii::find(row.campaign)) {
            return {pii_detected, "Member \"campaign\" holds personal data.",
                    "Leave addresses and numbers of persons out."};
        }
        spend_minor = spend_of(row);
    } catch (const error& refused) {
        return {refused.sqlstate(), refused.detail(), refused.hint()};
    }
    return {};
}

// Columns of attribution_internal.spend_row.
class columns {
  public:
    void put(Datum value) {
        values_[filled_] = value;
        nulls_[filled_++] = false;
    }
    void put(std::string_view text) { put(make_text(text)); }
    void put(const count& number) { number ? put(Int64GetDatum(*number)) : skip(1); }
    void skip(int how_many) {
        for (int i = 0; i < how_many; ++i) nulls_[filled_++] = true;
    }
    Datum finish(TupleDesc of) { return HeapTupleGetDatum(heap_form_tuple(of, values_, nulls_)); }

  private:
    Datum values_[10]{};
    bool nulls_[10]{};
    int filled_ = 0;
};

Datum answer(FunctionCallInfo fcinfo, const told_row& row, std::int64_t spend_minor, const verdict& why) {
    TupleDesc descriptor = nullptr;
    if (get_call_result_type(fcinfo, nullptr, &descriptor) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "read_spend() does not return a row");
    columns row_columns;
    if (why.code.empty()) {
        row_columns.put(Int32GetDatum(row.day));
        row_columns.put(row.channel);
        row_columns.put(row.campaign);
        row_columns.put(row.currency);
        row_columns.put(Int64GetDatum(spend_minor));
        row_columns.put(row.impressions);
        row_columns.put(row.clicks);
        row_columns.skip(3);
    } else {
        row_columns.skip(7);
        row_columns.put(why.code);
        row_columns.put(why.detail);
        why.hint.empty() ? row_columns.skip(1) : row_columns.put(why.hint);
    }
    return row_columns.finish(BlessTupleDesc(descriptor));
}

Datum read(FunctionCallInfo fcinfo) {
    told_row row;
    std::int64_t spend_minor = 0;
    jsonb_refusal refusal;
    const bool is_read = call([&] { return decode(PG_GETARG_JSONB_P(0), row, refusal); });
    const verdict why =
        is_read ? judge(row, spend_minor)
                : verdict{invalid_spend, refusal.detail,
                          "Members: day, channel, campaign, currency, spend, impressions, clicks."};
    return call([&] { return answer(fcinfo, row, spend_minor, why); });
}

}  // namespace

}  // namespace attribution::spend

ATTRIBUTION_FUNCTION(attribution_read_spend) {
    return attribution::guard([&] { return attribution::spend::read(fcinfo); });
}
