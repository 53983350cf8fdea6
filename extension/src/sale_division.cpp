#include "extension/src/sale_division.hpp"

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "extension/src/credit_model.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/jsonb_reader.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace attribution::allocations {

namespace {

// The table of rows that the last statement gave, and the text in one of its columns.
std::string_view text_in(std::uint64_t row, int column) {
    bool is_null = false;
    const Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
    return is_null ? std::string_view{} : read_text(value);
}

struct model_row {
    std::string_view rule;
    JsonbValue parameters;
};

// nullptr when it is not defined.
const model_row* find_model(Datum tenant, std::string_view name) {
    return call([&]() -> const model_row* {
        std::array<Oid, 2> types{UUIDOID, TEXTOID};
        std::array<Datum, 2> values{tenant, make_text(name)};
        const int code = SPI_execute_with_args(
            "SELECT m.rule, m.params FROM attribution.attribution_models AS m"
            " WHERE m.tenant_id = $1 AND m.name = $2",
            2, types.data(), values.data(), nullptr, true, 0);
        if (code != SPI_OK_SELECT) elog(ERROR, "could not read models: %s", SPI_result_code_string(code));
        if (SPI_processed == 0) return nullptr;
        bool is_null = false;
        const Datum parameters = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null);
        auto* found = static_cast<model_row*>(palloc(sizeof(model_row)));
        *found = {text_in(0, 1), jsonb_root(DatumGetJsonbP(parameters))};
        return found;
    });
}

}  // namespace

std::vector<named_model> read_models(Datum tenant, std::span<const std::string_view> names) {
    std::vector<named_model> models;
    for (const std::string_view name : names) {
        const model_row* found = find_model(tenant, name);
        if (found == nullptr) {
            throw error(
                "42704", "the model is not defined", "The tenant has no model of this name.",
                "See attribution.attribution_models, or define it: SELECT attribution.define_model(…).");
        }
        models.push_back({std::string(name), credit::read_model(found->rule, found->parameters)});
    }
    return models;
}

std::set<std::string, std::less<>> read_paid_channels() {
    const std::uint64_t count = call([] {
        const int code =
            SPI_execute("SELECT t.channel FROM attribution.channel_taxonomy AS t WHERE t.paid", true, 0);
        if (code != SPI_OK_SELECT) elog(ERROR, "could not read channels: %s", SPI_result_code_string(code));
        return SPI_processed;
    });
    std::set<std::string, std::less<>> paid;
    for (std::uint64_t row = 0; row < count; ++row) paid.emplace(text_in(row, 1));
    return paid;
}

void sale_division::enter(const sale& next) {
    sale_ = &next;
    grouped_by_campaigns_.reset();
    touches_.clear();
    if (next.touches.empty()) return;
    columns_.read(next.touches);
    const auto labels = columns_.labels();
    const auto times = columns_.times();
    const auto numbers = columns_.label_numbers();
    touches_.resize(times.size());
    for (std::size_t i = 0; i < times.size(); ++i) touches_[i].at = times[i];
    for (std::size_t l = 0; l < labels.size(); ++l) {
        const bool is_direct = labels[l].channel == credit::direct_channel;
        const bool is_paid = paid_channels_.contains(labels[l].channel);
        if (!is_direct && !is_paid) continue;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            if (numbers[i] != l) continue;
            touches_[i].is_direct = is_direct;
            touches_[i].is_paid = is_paid;
        }
    }
}

// Labels are in order, so those of one channel are neighbours.
void sale_division::group_by(bool campaigns) {
    grouped_by_campaigns_ = campaigns;
    groups_.clear();
    recipients_.clear();
    if (!touches_.empty()) {
        for (const credit::touch_label& label : columns_.labels()) {
            const std::uint32_t one =
                table_.number_of({label.channel, campaigns ? label.campaign : std::string_view{}});
            if (recipients_.empty() || recipients_.back() != one) recipients_.push_back(one);
            groups_.push_back(static_cast<std::uint32_t>(recipients_.size() - 1));
        }
        const auto numbers = columns_.label_numbers();
        for (std::size_t i = 0; i < touches_.size(); ++i) touches_[i].group = groups_[numbers[i]];
    }
    group_count_ = recipients_.size();
}

void sale_division::share_by_touches(const credit::model& by) {
    if (grouped_by_campaigns_ != by.per_campaign) group_by(by.per_campaign);
    recipients_.resize(group_count_);
    shares_.assign(group_count_, 0.0);
    credited_.count(by, touches_, sale_->converted_at);
    const auto places = credited_.places();
    for (std::size_t i = 0; i < places.size(); ++i)
        shares_[touches_[places[i]].group] += credited_.shares()[i];
}

void sale_division::give_to_own_channel(bool campaigns) {
    const std::uint32_t own =
        table_.number_of({sale_->channel, campaigns ? sale_->campaign : std::string_view{}});
    auto place = static_cast<std::size_t>(std::find(recipients_.begin(), recipients_.end(), own) -
                                          recipients_.begin());
    if (place == recipients_.size()) {
        recipients_.push_back(own);
        shares_.push_back(0);
    }
    shares_[place] = 1;
}

void sale_division::divide(const credit::model& by) {
    share_by_touches(by);
    if (credited_.places().empty()) give_to_own_channel(by.per_campaign);
    recipients_.push_back(nobody_known_);
    shares_.push_back(0);

    // Nearly every sale has one currency. Money of another one is money of its own.
    const std::vector<ledger_entry>& entries = sale_->entries;
    parts_.assign(entries.size() * recipients_.size(), 0);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto earlier = std::span(entries).first(i);
        const bool is_first = std::none_of(earlier.begin(), earlier.end(), [&](const ledger_entry& e) {
            return e.currency == entries[i].currency;
        });
        if (is_first) divide_currency(i);
    }
}

// The entries of one currency, the first of which is `first`.
void sale_division::divide_currency(std::size_t first) {
    const std::vector<ledger_entry>& entries = sale_->entries;
    std::vector<credit::sale_entry> of_currency;
    std::vector<std::size_t> places;
    for (std::size_t i = first; i < entries.size(); ++i) {
        if (entries[i].currency != entries[first].currency) continue;
        of_currency.push_back({entries[i].amount_minor, entries[i].kind, entries[i].money_key});
        places.push_back(i);
    }
    const std::size_t width = shares_.size();
    const std::vector<std::int64_t> parts = credit::divide_sale(of_currency, shares_, width - 1);
    for (std::size_t i = 0; i < places.size(); ++i)
        std::copy_n(parts.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                    parts_.begin() + static_cast<std::ptrdiff_t>(places[i] * width));
}

}  // namespace attribution::allocations
