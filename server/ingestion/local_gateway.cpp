#include "server/ingestion/local_gateway.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/providers/event.hpp"
#include "core/providers/shopify.hpp"
#include "server/ingestion/digest.hpp"

namespace attribution::ingestion {

namespace {

using clock = endpoint_cache::clock;

struct adapter {
    std::string_view provider;
    providers::event (*translate)(const providers::delivery_facts&, std::string_view);
};

constexpr std::array<adapter, 1> adapters{{{"shopify", &providers::shopify::translate}}};

constexpr db::statement resolve_endpoint{
    "resolve_endpoint",
    "SELECT tenant_id, provider, account, books_revenue, secret_ciphertext, previous_secret_ciphertext"
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

// Messages of these classes can quote values; the others speak of the database and of our own code.
bool may_quote_values(const db::error& e) {
    return e.has_class("22") || e.has_class("23") || e.has_class("P0");
}

// The database is away or full: every request fails in the same way.
bool is_away(const db::error& e) {
    return e.has_class("08") || e.has_class("53") || e.has_class("57P");
}

// What the database refuses now it will refuse again: retrying cannot mend the delivery.
bool is_permanent(const db::error& e) {
    return e.has_class("22") || (find_error_kind(e.sqlstate()) != nullptr && e.sqlstate() != unknown_tenant);
}

error why(const db::error& e) {
    if (const error_kind* kind = find_error_kind(e.sqlstate()))
        return {kind->sqlstate, e.what(), e.detail(), e.hint()};
    return {e.sqlstate(), "PostgreSQL refuses a value of the event"};
}

providers::delivery_facts facts_of(const delivery& d) {
    return {.source = d.to->provider,
            .topic = std::string(d.topic),
            .delivery_key = std::string(d.key),
            .digest_hex = sha256_hex(d.body),
            .endpoint_id = d.to->id,
            .correlation_id = std::string(d.correlation_id),
            .account = d.to->account,
            .books_revenue = d.to->books_revenue};
}

providers::event translate(const providers::delivery_facts& facts, std::string_view body) {
    const auto* const found = std::find_if(adapters.begin(), adapters.end(),
                                           [&](const adapter& a) { return a.provider == facts.source; });
    try {
        if (found == adapters.end()) throw error(invalid_event, "no adapter knows this provider");
        return found->translate(facts, body);
    } catch (const error& e) {
        return providers::rejected_event(facts, e, body.size());
    }
}

event_item item_of(const delivery& d, const providers::event& e) {
    return {d.to->tenant_id, e.delivery.source, e.delivery.key, providers::to_json(e)};
}

}  // namespace

task<std::shared_ptr<const endpoint>> local_gateway::find_endpoint(std::string_view id) {
    if (!is_endpoint_id(id)) co_return nullptr;
    if (auto known = cache_.find(id, clock::now())) co_return *known;
    std::optional<db::error> failed;
    try {
        std::shared_ptr<const endpoint> found = co_await look_up(id);
        cache_.put(id, found, clock::now());
        co_return found;
    } catch (const db::error& e) {
        failed = e;
    }
    throw to_problem(*failed, {});
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
    co_return found;
}

http::problem local_gateway::to_problem(const db::error& e, std::string_view correlation_id) {
    const auto left_out = is_away(e) ? away_.pass(clock::now()) : 0;
    if (left_out)
        log::write(log::level::error, "database_error", "correlation_id", correlation_id, "sqlstate",
                   e.sqlstate(), "reason",
                   may_quote_values(e) ? std::string_view() : std::string_view(e.what()), "left_out",
                   *left_out);
    return http::problem_from_sqlstate(e.sqlstate(), e.detail(), e.hint());
}

task<receipt> local_gateway::deliver(const delivery& d) {
    const providers::delivery_facts facts = facts_of(d);
    std::optional<db::error> failed;
    try {
        stored_item stored = co_await batcher_.submit(item_of(d, translate(facts, d.body)));
        co_return receipt{std::move(stored.status), std::move(stored.event_id)};
    } catch (const db::error& e) {
        failed = e;
    }
    if (!is_permanent(*failed)) throw to_problem(*failed, d.correlation_id);

    log::write(log::level::warn, "dead_lettered", "correlation_id", d.correlation_id, "code",
               failed->sqlstate());
    const providers::event dead = providers::rejected_event(facts, why(*failed), d.body.size());
    try {
        stored_item stored = co_await batcher_.submit(item_of(d, dead));
        co_return receipt{std::move(stored.status), std::move(stored.event_id)};
    } catch (const db::error& e) {
        failed = e;
    }
    throw to_problem(*failed, d.correlation_id);
}

}  // namespace attribution::ingestion
