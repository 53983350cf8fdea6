#include "server/ingestion/touchpoint_intake.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <ctime>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "core/json/canonical.hpp"
#include "core/json/writer.hpp"
#include "core/providers/merchant.hpp"
#include "core/providers/timestamp.hpp"
#include "server/http/digest.hpp"
#include "server/http/json_body.hpp"

namespace attribution::ingestion {

namespace {

constexpr std::size_t longest_body = 4096;
constexpr int per_minute_of_client = 60;
constexpr std::size_t most_keys = 10'000;
constexpr std::size_t most_clients = 100'000;

constexpr std::array routes_of_touchpoints{
    http::route{"POST", "/api/ingest/touchpoints", http::member<&touchpoint_intake::take>,
                http::member<&touchpoint_intake::admit>},
    http::route{"OPTIONS", "/api/ingest/touchpoints", http::member<&touchpoint_intake::preflight>},
};

using fields = std::vector<std::pair<std::string, std::string>>;

// The origin of the page, which the browser writes and the page cannot change.
std::string origin_of(const http::request& r, const publishable_key& key) {
    const std::string_view origin = r.header("Origin").value_or("");
    if (!key.allows(origin))
        throw http::problem(
            403, "This key may not be used from this origin.",
            "Make a key for the page's origin: attributiond key create --publishable --origin …");
    return std::string(origin);
}

// Without these a browser keeps the answer from the page.
void show_to(const std::string& origin, fields& of_answer) {
    of_answer.emplace_back("Access-Control-Allow-Origin", origin);
    of_answer.emplace_back("Vary", "Origin");
}

http::problem too_large() {
    return http::problem(413, "The body is larger than a touchpoint.", "Send at most 4,096 bytes.");
}

void refuse_large(const http::request& head) {
    const std::string_view length = head.header("Content-Length").value_or("0");
    std::uint64_t bytes = 0;
    std::from_chars(length.data(), length.data() + length.size(), bytes);
    if (bytes > longest_body) throw too_large();
}

providers::event translate(json::value item, const std::string& text, const std::string& correlation_id) {
    providers::delivery_facts facts;
    // Apart from "api": nobody takes the ids of the merchant's own events from a page.
    facts.source = "tracker";
    facts.topic = "touchpoint";
    facts.delivery_key = item["id"].text();
    facts.digest_hex = http::sha256_hex(text);
    facts.correlation_id = correlation_id;
    return providers::merchant::translate_visit(facts, item, providers::time_text(std::time(nullptr)));
}

}  // namespace

touchpoint_intake::touchpoint_intake(db::pool& database, cache_options cache, event_writer& writer,
                                     std::string client_address_header)
    : keys_(database, cache),
      writer_(writer),
      client_address_header_(std::move(client_address_header)),
      by_key_(most_keys),
      by_client_(most_clients) {
    static_assert(sizeof hash_key_ == crypto_shorthash_KEYBYTES);
    randombytes_buf(hash_key_.data(), hash_key_.size());
}

std::span<const http::route> touchpoint_intake::routes() {
    return routes_of_touchpoints;
}

task<void> touchpoint_intake::admit(const http::request& head) {
    const auto key = co_await keys_.key_of(head);
    const std::string origin = origin_of(head, *key);
    try {
        limit(head, *key);
        refuse_large(head);
    } catch (http::problem& p) {
        show_to(origin, p.fields);
        throw;
    }
}

task<http::response> touchpoint_intake::take(const http::request& r) {
    const auto key = co_await keys_.key_of(r);
    const std::string origin = origin_of(r, *key);
    http::response reply;
    try {
        const stored_item stored = co_await store(r, *key);
        json::writer body;
        body.begin_object()
            .member("status", stored.status)
            .member("correlation_id", r.correlation_id)
            .end_object();
        reply.body = std::move(body).text();
    } catch (http::problem& p) {
        show_to(origin, p.fields);
        throw;
    }
    show_to(origin, reply.fields);
    co_return reply;
}

task<stored_item> touchpoint_intake::store(const http::request& r, const publishable_key& key) {
    if (r.body.size() > longest_body) throw too_large();
    const json::document body = read_json_body(r, http::json_types::json_or_plain_text);
    const std::string text = json::canonical(body.root());
    std::vector<translation> events;
    try {
        events.push_back({translate(body.root(), text, r.correlation_id), text.size()});
    } catch (const error& e) {
        throw http::problem_from_sqlstate(e.sqlstate(), e.detail(), e.hint());
    }
    std::vector<stored_item> stored = co_await writer_.write(key.tenant_id, std::move(events));
    co_return std::move(stored[0]);
}

task<http::response> touchpoint_intake::preflight(const http::request& r) {
    const auto key = co_await keys_.key_of(r);
    http::response reply;
    reply.status = 204;
    show_to(origin_of(r, *key), reply.fields);
    reply.fields.emplace_back("Access-Control-Allow-Methods", "POST");
    reply.fields.emplace_back("Access-Control-Allow-Headers", "Content-Type, X-Correlation-ID");
    reply.fields.emplace_back("Access-Control-Max-Age", "600");
    co_return reply;
}

// The client first: what one client has too many takes nothing from the others of the key.
void touchpoint_intake::limit(const http::request& head, const publishable_key& key) {
    const auto now = rate_limiter::clock::now();
    auto wait =
        by_client_.take(hash(key.id, client_of(head)), std::min(per_minute_of_client, key.per_minute), now);
    if (!wait) wait = by_key_.take(hash(key.id, {}), key.per_minute, now);
    if (wait)
        throw http::problem(429, "More touchpoints than this key may send, or one client of it.",
                            "Wait as long as Retry-After says; nothing was stored.")
            .with("Retry-After", std::to_string(*wait));
}

// Keyed anew by each process, so that it tells nothing of the address.
std::uint64_t touchpoint_intake::hash(std::string_view of, std::string_view beside) const {
    const std::string text = std::string(of) + ' ' + std::string(beside);
    std::uint64_t result = 0;
    static_assert(sizeof result == crypto_shorthash_BYTES);
    crypto_shorthash(reinterpret_cast<unsigned char*>(&result),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash_key_.data());
    return result;
}

// Of IPv6 the network, since one client has all of its addresses.
std::string touchpoint_intake::client_of(const http::request& r) const {
    std::string_view address = r.client_address;
    if (!client_address_header_.empty()) {
        // The last one is of the proxy in front; what stands before it anybody can have written.
        address = {};
        for (const http::field& f : r.fields)
            if (http::equals_ignoring_case(f.name, client_address_header_)) address = f.value;
        address.remove_prefix(address.rfind(',') + 1);  // npos + 1 is 0
        while (address.starts_with(' ')) address.remove_prefix(1);
    }
    boost::system::error_code is_none;
    const auto parsed = boost::asio::ip::make_address(std::string(address), is_none);
    if (is_none || !parsed.is_v6() || parsed.to_v6().is_v4_mapped()) return std::string(address);
    const auto bytes = parsed.to_v6().to_bytes();
    return {bytes.begin(), bytes.begin() + 8};
}

}  // namespace attribution::ingestion
