#include "extension/src/sale_division.hpp"

#include <algorithm>
#include <array>

#include "core/errors.hpp"
#include "extension/src/credit_model.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/jsonb_reader.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/array.h"
}

namespace attribution::allocations {

namespace {

constexpr recipient nobody_known{"unknown", {}};

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
        std::array<Datum, 2> values{
            tenant, PointerGetDatum(cstring_to_text_with_len(name.data(), static_cast<int>(name.size())))};
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
    packed_.clear();
    for (const std::string_view journey : next.journeys) credit::unpack_touches(journey, packed_);
}

std::uint32_t sale_division::place_of(const recipient& one) {
    const auto known = std::find(recipients_.begin(), recipients_.end(), one);
    const auto place = static_cast<std::uint32_t>(known - recipients_.begin());
    if (known == recipients_.end()) recipients_.push_back(one);
    return place;
}

// Recipients in the order of their first touch.
void sale_division::share_by_touches(const credit::model& by) {
    touches_.clear();
    for (const credit::packed_touch& one : packed_) {
        const std::uint32_t place =
            place_of({one.channel, by.per_campaign ? one.campaign : std::string_view{}});
        touches_.push_back(
            {one.at, one.channel == credit::direct_channel, paid_channels_.contains(one.channel), place});
    }
    shares_.assign(recipients_.size(), 0.0);
    const std::vector<double> credit = credit::touch_credit(by, touches_, sale_->converted_at);
    for (std::size_t i = 0; i < touches_.size(); ++i) shares_[touches_[i].group] += credit[i];
}

void sale_division::divide(const credit::model& by) {
    recipients_.clear();
    share_by_touches(by);
    if (std::all_of(shares_.begin(), shares_.end(), [](double share) { return share == 0; })) {
        const std::uint32_t own =
            place_of({sale_->channel, by.per_campaign ? sale_->campaign : std::string_view{}});
        shares_.resize(recipients_.size(), 0.0);
        shares_[own] = 1;
    }
    recipients_.push_back(nobody_known);
    shares_.push_back(0);

    // Nearly every sale has one currency. Money of another one is money of its own.
    const std::vector<ledger_entry>& entries = sale_->entries;
    parts_.assign(entries.size() * recipients_.size(), 0);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto earlier = std::span(entries).first(i);
        const bool is_first = std::none_of(earlier.begin(), earlier.end(), [&](const ledger_entry& e) {
            return e.currency == entries[i].currency;
        });
        if (is_first) divide_currency(shares_, i);
    }
}

// The entries of one currency, the first of which is `first`.
void sale_division::divide_currency(std::span<const double> weights, std::size_t first) {
    const std::vector<ledger_entry>& entries = sale_->entries;
    std::vector<credit::sale_entry> of_currency;
    std::vector<std::size_t> places;
    for (std::size_t i = first; i < entries.size(); ++i) {
        if (entries[i].currency != entries[first].currency) continue;
        of_currency.push_back({entries[i].amount_minor, entries[i].kind, entries[i].money_key});
        places.push_back(i);
    }
    const std::size_t width = weights.size();
    const std::vector<std::int64_t> parts = credit::divide_sale(of_currency, weights, width - 1);
    for (std::size_t i = 0; i < places.size(); ++i)
        std::copy_n(parts.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                    parts_.begin() + static_cast<std::ptrdiff_t>(places[i] * width));
}

}  // namespace attribution::allocations
