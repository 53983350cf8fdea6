// divide_sales(), compare_models(): sales in, sets or sums out.

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "extension/src/datum.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/sale_division.hpp"
#include "extension/src/set_writer.hpp"
#include "extension/src/tenant.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/timestamp.h"
}

namespace attribution::allocations {

namespace {

std::vector<std::string_view> read_texts(Datum array) {
    const std::span<const Datum> elements = call([&] { return read_array(array); });
    std::vector<std::string_view> texts;
    texts.reserve(elements.size());
    for (const Datum element : elements) texts.push_back(read_text(element));
    return texts;
}

struct counts {
    std::int64_t sales = 0;
    std::int64_t sets = 0;
};

counts divide(const sale_selection& which, std::span<const named_model> models, std::string_view reason) {
    counts done;
    const auto paid = read_paid_channels();
    recipient_table recipients;
    sale_division division(paid, recipients);
    set_writer writer(*DatumGetUUIDP(which.tenant), models, reason, recipients);
    sale_reader reader(which);
    for (auto sales = reader.fetch(); !sales.empty(); sales = reader.fetch()) {
        writer.read_current(sales);
        for (const sale& one : sales) {
            check_for_interrupts();
            division.enter(one);
            for (std::uint32_t m = 0; m < models.size(); ++m) {
                division.divide(models[m].rule);
                writer.add(one, division, m);
            }
        }
        done.sales += static_cast<std::int64_t>(sales.size());
        done.sets += writer.write();
    }
    return done;
}

// Arguments: tenant_id, models, reason, sale_keys, from, to.
Datum divide_sales(FunctionCallInfo fcinfo) {
    const sale_selection which{PG_GETARG_DATUM(0), PG_ARGISNULL(3) ? Datum{0} : PG_GETARG_DATUM(3),
                               PG_GETARG_TIMESTAMPTZ(4), PG_GETARG_TIMESTAMPTZ(5)};
    const std::vector<std::string_view> names = read_texts(PG_GETARG_DATUM(1));
    const std::string_view reason = call([&] { return read_text(PG_GETARG_DATUM(2)); });
    call([] { SPI_connect(); });
    const counts done = names.empty() ? counts{} : divide(which, read_models(which.tenant, names), reason);
    return call([&] {
        SPI_finish();
        TupleDesc result = nullptr;
        if (get_call_result_type(fcinfo, nullptr, &result) != TYPEFUNC_COMPOSITE) elog(ERROR, "not a row");
        std::array<Datum, 2> values{Int64GetDatum(done.sales), Int64GetDatum(done.sets)};
        std::array<bool, 2> nulls{};
        return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(result), values.data(), nulls.data()));
    });
}

// What a model credits to each recipient, by currency.
class credit_sums {
  public:
    struct sum {
        wide revenue_minor = 0;
        double sales = 0;
        bool is_credited = false;
    };
    struct of_currency {
        currency_code currency;
        std::vector<sum> by_recipient;
    };

    void add(const sale& one, const sale_division& division, const sale_selection& which);
    [[nodiscard]] std::span<const of_currency> currencies() const { return currencies_; }

  private:
    sum& at(const currency_code& currency, std::uint32_t recipient);

    std::vector<of_currency> currencies_;
};

credit_sums::sum& credit_sums::at(const currency_code& currency, std::uint32_t recipient) {
    auto found = std::find_if(currencies_.begin(), currencies_.end(),
                              [&](const of_currency& one) { return one.currency == currency; });
    if (found == currencies_.end()) found = currencies_.insert(found, {currency, {}});
    if (found->by_recipient.size() <= recipient) found->by_recipient.resize(recipient + std::size_t{1});
    sum& credited = found->by_recipient[recipient];
    credited.is_credited = true;
    return credited;
}

void credit_sums::add(const sale& one, const sale_division& division, const sale_selection& which) {
    const auto recipients = division.recipients();
    for (std::size_t e = 0; e < one.entries.size(); ++e) {
        const ledger_entry& entry = one.entries[e];
        if (entry.occurred_at < which.from || entry.occurred_at >= which.until) continue;
        const auto parts = division.parts(e);
        for (std::size_t i = 0; i < recipients.size(); ++i)
            if (parts[i] != 0) at(entry.currency, recipients[i]).revenue_minor += parts[i];
    }
    // What only went back is no sale that is known.
    const bool was_paid = std::any_of(one.entries.begin(), one.entries.end(), [](const ledger_entry& e) {
        return e.kind == credit::entry_kind::capture;
    });
    if (!was_paid || one.converted_at < which.from || one.converted_at >= which.until) return;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        const double share = division.shares()[i];
        if (share != 0) at(one.entries.front().currency, recipients[i]).sales += share;
    }
}

std::vector<credit_sums> add_up(const sale_selection& which, std::span<const named_model> models,
                                recipient_table& recipients) {
    std::vector<credit_sums> sums(models.size());
    const auto paid = read_paid_channels();
    sale_division division(paid, recipients);
    sale_reader reader(which);
    for (auto sales = reader.fetch(); !sales.empty(); sales = reader.fetch()) {
        for (const sale& one : sales) {
            check_for_interrupts();
            division.enter(one);
            for (std::size_t m = 0; m < models.size(); ++m) {
                division.divide(models[m].rule);
                sums[m].add(one, division, which);
            }
        }
    }
    return sums;
}

void return_row(const ReturnSetInfo* into, const std::string& model, const recipient& to,
                const currency_code& currency, const credit_sums::sum& sum) {
    if (sum.revenue_minor < std::numeric_limits<std::int64_t>::min() ||
        sum.revenue_minor > std::numeric_limits<std::int64_t>::max()) {
        throw error("22003", "the revenue of a channel is out of range", "It is more than a bigint can be.",
                    "Choose a shorter time.");
    }
    call([&] {
        std::array<Datum, 6> values{make_text(model),
                                    make_text(to.channel),
                                    make_text(to.campaign),
                                    make_text({currency.data(), currency.size()}),
                                    Int64GetDatum(static_cast<std::int64_t>(sum.revenue_minor)),
                                    Float8GetDatum(sum.sales)};
        std::array<bool, 6> nulls{};
        tuplestore_putvalues(into->setResult, into->setDesc, values.data(), nulls.data());
    });
}

void require_few(std::span<const std::string_view> names) {
    constexpr std::size_t most = 100;
    if (names.size() <= most && std::set(names.begin(), names.end()).size() == names.size()) return;
    throw error("22023", "the list of models is not usable",
                "It names more than 100 models, or one of them twice.", "Name each model once.");
}

// Arguments: models, from, to.
Datum compare_models(FunctionCallInfo fcinfo) {
    const std::optional<pg_uuid_t> tenant = current_tenant();
    if (!tenant) {
        throw error(tenant_required, "no tenant is set", "Models are compared on the current tenant's sales.",
                    "Use a login that is bound to one, or set_tenant().");
    }
    const sale_selection which{UUIDPGetDatum(&*tenant), Datum{0}, PG_GETARG_TIMESTAMPTZ(1),
                               PG_GETARG_TIMESTAMPTZ(2)};
    const std::vector<std::string_view> names = read_texts(PG_GETARG_DATUM(0));
    require_few(names);
    call([&] {
        InitMaterializedSRF(fcinfo, 0);
        SPI_connect();
    });
    const std::vector<named_model> models = read_models(which.tenant, names);
    recipient_table recipients;
    const std::vector<credit_sums> sums = add_up(which, models, recipients);
    const auto* into = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
    for (std::size_t m = 0; m < models.size(); ++m) {
        for (const credit_sums::of_currency& of : sums[m].currencies()) {
            for (std::uint32_t to = 0; to < of.by_recipient.size(); ++to) {
                const credit_sums::sum& sum = of.by_recipient[to];
                if (sum.is_credited) return_row(into, models[m].name, recipients.name(to), of.currency, sum);
            }
        }
    }
    call([] { SPI_finish(); });
    return Datum{0};
}

}  // namespace

}  // namespace attribution::allocations

ATTRIBUTION_FUNCTION(attribution_divide_sales) {
    return attribution::guard([&] { return attribution::allocations::divide_sales(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_compare_models) {
    return attribution::guard([&] { return attribution::allocations::compare_models(fcinfo); });
}
