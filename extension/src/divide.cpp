// divide_sales(), attribute_channels(): sales in, sets or sums out.

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "extension/src/guard.hpp"
#include "extension/src/sale_division.hpp"
#include "extension/src/set_writer.hpp"
#include "extension/src/tenant.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/timestamp.h"
}

namespace attribution::allocations {

namespace {

std::vector<std::string_view> read_texts(Datum array) {
    const auto [elements, count] = call([&] {
        Datum* values = nullptr;
        int n = 0;
        deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &values, nullptr, &n);
        return std::pair{values, n};
    });
    std::vector<std::string_view> texts;
    for (int i = 0; i < count; ++i) texts.push_back(read_text(elements[i]));
    return texts;
}

struct counts {
    std::int64_t sales = 0;
    std::int64_t sets = 0;
};

counts divide(const sale_selection& which, std::span<const named_model> models, std::string_view reason) {
    counts done;
    const auto paid = read_paid_channels();
    sale_division division(paid);
    set_writer writer(which.tenant, models, reason);
    sale_reader reader(which);
    for (auto sales = reader.fetch(); !sales.empty(); sales = reader.fetch()) {
        check_for_interrupts();
        writer.read_current(sales);
        for (const sale& one : sales) {
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

// What a recipient has of one currency. Sums of bigints: 128 bits, and refused when they do not fit.
struct credited {
    wide revenue_minor = 0;
    double sales = 0;
};
struct credited_key {
    std::string channel;
    std::string campaign;
    currency_code currency;
    auto operator<=>(const credited_key&) const = default;
};
using credit_table = std::map<credited_key, credited>;

void add_up(const sale& one, const sale_division& division, const sale_selection& which, credit_table& into) {
    const auto recipients = division.recipients();
    const bool is_new = one.converted_at >= which.from && one.converted_at < which.until;
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        credited_key key{std::string(recipients[i].channel), std::string(recipients[i].campaign), {}};
        for (std::size_t e = 0; e < one.entries.size(); ++e) {
            const ledger_entry& entry = one.entries[e];
            const std::int64_t amount = division.parts(e)[i];
            if (amount == 0 || entry.occurred_at < which.from || entry.occurred_at >= which.until) continue;
            key.currency = entry.currency;
            into[key].revenue_minor += amount;
        }
        if (!is_new || division.shares()[i] == 0) continue;
        key.currency = one.entries.front().currency;
        into[key].sales += division.shares()[i];
    }
}

credit_table credit_of(const sale_selection& which, const credit::model& by) {
    credit_table table;
    const auto paid = read_paid_channels();
    sale_division division(paid);
    sale_reader reader(which);
    for (auto sales = reader.fetch(); !sales.empty(); sales = reader.fetch()) {
        check_for_interrupts();
        for (const sale& one : sales) {
            division.enter(one);
            division.divide(by);
            add_up(one, division, which, table);
        }
    }
    return table;
}

void return_row(const ReturnSetInfo* into, const credited_key& key, const credited& sum) {
    call([&] {
        const auto text_of = [](std::string_view value) {
            return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
        };
        std::array<Datum, 5> values{
            text_of(key.channel), text_of(key.campaign), text_of({key.currency.data(), key.currency.size()}),
            Int64GetDatum(static_cast<std::int64_t>(sum.revenue_minor)), Float8GetDatum(sum.sales)};
        std::array<bool, 5> nulls{};
        tuplestore_putvalues(into->setResult, into->setDesc, values.data(), nulls.data());
    });
}

bool fits(wide sum) {
    return sum >= std::numeric_limits<std::int64_t>::min() && sum <= std::numeric_limits<std::int64_t>::max();
}

// Arguments: model, from, to.
Datum attribute_channels(FunctionCallInfo fcinfo) {
    const std::optional<pg_uuid_t> tenant = current_tenant();
    if (!tenant) {
        throw error(tenant_required, "no tenant is set",
                    "attribute_channels() reads the current tenant's sales.",
                    "Use a login that is bound to one, or set_tenant().");
    }
    const sale_selection which{UUIDPGetDatum(&*tenant), Datum{0}, PG_GETARG_TIMESTAMPTZ(1),
                               PG_GETARG_TIMESTAMPTZ(2)};
    const std::string_view name = call([&] { return read_text(PG_GETARG_DATUM(0)); });
    call([&] {
        InitMaterializedSRF(fcinfo, 0);
        SPI_connect();
    });
    const credit_table table = credit_of(which, read_models(which.tenant, {&name, 1}).front().rule);
    const auto* into = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
    for (const auto& [key, sum] : table) {
        if (!fits(sum.revenue_minor)) {
            throw error("22003", "the revenue of a channel is out of range",
                        "It is more than a bigint can be.", "Choose a shorter time.");
        }
        return_row(into, key, sum);
    }
    call([] { SPI_finish(); });
    return Datum{0};
}

}  // namespace

}  // namespace attribution::allocations

ATTRIBUTION_FUNCTION(attribution_divide_sales) {
    return attribution::guard([&] { return attribution::allocations::divide_sales(fcinfo); });
}

ATTRIBUTION_FUNCTION(attribution_attribute_channels) {
    return attribution::guard([&] { return attribution::allocations::attribute_channels(fcinfo); });
}
