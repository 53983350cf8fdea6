#include "server/ingestion/local_gateway.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "core/providers/event.hpp"
#include "core/providers/paypal.hpp"
#include "core/providers/readable_facts.hpp"
#include "core/providers/shopify.hpp"
#include "core/providers/stripe.hpp"
#include "core/providers/timestamp.hpp"
#include "core/providers/woocommerce.hpp"
#include "server/http/digest.hpp"

namespace attribution::ingestion {

namespace {

using clock = short_cache<endpoint>::clock;

struct adapter {
    std::string_view provider;
    providers::event (*translate)(const providers::delivery_facts&, std::string_view);
};

constexpr auto adapters = std::to_array<adapter>({
    {"paypal", &providers::paypal::translate},
    {"shopify", &providers::shopify::translate},
    {"stripe", &providers::stripe::translate},
    {"woocommerce", &providers::woocommerce::translate},
});

constexpr db::statement resolve_endpoint{"resolve_endpoint",
                                         "SELECT tenant_id, provider, account, books_revenue, "
                                         "secret_ciphertext, previous_secret_ciphertext, signature"
                                         " FROM attribution.resolve_endpoint(endpoint_id => $1)"};

bool is_endpoint_id(std::string_view id) {
    return id.size() == 36 && id.starts_with("whe_") && std::all_of(id.begin() + 4, id.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::string bytes_of(const db::result& r, int column) {
    if (r.is_null(0, column)) return {};
    std::size_t size = 0;
    const std::string text(r.text(0, column));
    const std::unique_ptr<unsigned char, void (*)(void*)> bytes(
        PQunescapeBytea(reinterpret_cast<const unsigned char*>(text.c_str()), &size), &PQfreemem);
    if (!bytes) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(bytes.get()), size};
}

providers::delivery_facts facts_of(const delivery& d) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return {.source = d.to->provider,
            .topic = std::string(d.topic),
            .delivery_key = std::string(d.key),
            .digest_hex = http::sha256_hex(d.body),
            .endpoint_id = d.to->id,
            .correlation_id = std::string(d.correlation_id),
            .account = d.to->account,
            .transmission_id = std::string(d.transmission_id),
            .test_mode = d.test_mode,
            .books_revenue = d.to->books_revenue,
            .received_at = providers::time_text(now.time_since_epoch().count())};
}

providers::event translate(const providers::delivery_facts& facts, std::string_view body) {
    const auto* const found = std::find_if(adapters.begin(), adapters.end(),
                                           [&](const adapter& a) { return a.provider == facts.source; });
    try {
        if (found == adapters.end()) throw error(invalid_event, "no adapter knows this provider");
        return found->translate(facts, body);
    } catch (const error& e) {
        providers::event rejected = providers::rejected_event(facts, e, body.size());
        rejected.rejected->facts = providers::readable_facts(body);
        return rejected;
    }
}

// The body is signed, so the endpoint's secret belongs to another account than the endpoint says.
void note_other_account(const delivery& d) {
    log::write(log::level::warn, "other_account", "correlation_id", d.correlation_id, "endpoint_id",
               d.to->id);
}

}  // namespace

task<std::shared_ptr<const endpoint>> local_gateway::find_endpoint(std::string_view id) {
    if (!is_endpoint_id(id)) co_return nullptr;
    if (auto known = cache_.find(id, clock::now())) co_return *known;
    try {
        std::shared_ptr<const endpoint> found = co_await look_up(id);
        cache_.put(id, found, clock::now());
        co_return found;
    } catch (const db::error& e) {
        throw failures_.to_problem(e, {});
    }
}

task<std::shared_ptr<const endpoint>> local_gateway::look_up(std::string_view id) {
    const db::call c(resolve_endpoint, std::string(id));
    const auto results = co_await database_.transaction(db::as_ingestion, {&c, 1}, db::access::read_only);
    const db::result& r = results[0];
    if (r.rows() != 1) co_return nullptr;
    auto found = std::make_shared<endpoint>();
    found->id = id;
    found->tenant_id = r.text(0, 0);
    found->provider = r.text(0, 1);
    found->account = r.text(0, 2);
    found->books_revenue = r.text(0, 3) == "t";
    found->secret_ciphertext = bytes_of(r, 4);
    found->previous_secret_ciphertext = bytes_of(r, 5);
    found->signature = r.text(0, 6);
    co_return found;
}

task<receipt> local_gateway::deliver(const delivery& d) {
    std::vector<translation> one(1);
    one[0] = {translate(facts_of(d), d.body), d.body.size()};
    if (one[0].event.other_account) note_other_account(d);
    std::vector<stored_item> stored = co_await writer_.write(d.to->tenant_id, std::move(one));
    co_return receipt{std::move(stored[0].status), std::move(stored[0].event_id)};
}

}  // namespace attribution::ingestion
