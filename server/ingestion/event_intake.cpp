#include "server/ingestion/event_intake.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/json/canonical.hpp"
#include "core/json/writer.hpp"
#include "core/providers/merchant.hpp"
#include "server/http/digest.hpp"
#include "server/http/json_body.hpp"
#include "server/http/problem.hpp"

namespace attribution::ingestion {

namespace {

constexpr std::size_t most_items = 1000;
constexpr std::size_t result_size = 160;  // of an item, in the answer

constexpr std::array routes_of_intake{
    http::route{"POST", "/api/ingest", http::member<&event_intake::take>, http::member<&event_intake::admit>},
};

constexpr std::array<std::string_view, 4> statuses{"created", "duplicate", "conflict", "dead_lettered"};

http::problem wrong_form(std::string detail) {
    return http::problem(400, std::move(detail),
                         R"(Send one event as an object, an array of events, or {"events": [...]}.)");
}

std::vector<json::value> items_of(json::value body) {
    if (!body.is_object() && !body.is_array())
        throw wrong_form("The body is neither an object nor an array.");
    const json::value listed = body["events"];
    if (body.is_object() && !listed.exists()) return {body};
    if (body.is_object() && (!listed.is_array() || body.size() > 1))
        throw wrong_form("The member events is not an array, or not the only one.");
    const json::value list = body.is_array() ? body : listed;
    if (list.size() == 0) throw wrong_form("There is no event in the body.");
    if (list.size() > most_items)
        throw http::problem(413, "There are more than 1,000 events in the body.",
                            "Send them in several requests of at most 1,000 events each.");
    std::vector<json::value> items;
    items.reserve(list.size());
    for (const json::value item : list) items.push_back(item);
    return items;
}

translation translate(json::value item, const std::string& correlation_id) {
    const std::string text = json::canonical(item);
    const providers::delivery_facts facts =
        providers::merchant::facts_of(item, http::sha256_hex(text), correlation_id);
    try {
        return {providers::merchant::translate(facts, item), text.size()};
    } catch (const error& e) {
        return {providers::rejected_event(facts, e, text.size()), text.size()};
    }
}

void write_text_or_null(json::writer& out, std::string_view name, std::string_view text) {
    out.key(name);
    if (text.empty())
        out.null();
    else
        out.string(text);
}

std::string answer(const std::vector<stored_item>& stored, std::string_view correlation_id) {
    json::writer out(result_size * (stored.size() + 1));
    out.begin_object().key("results").begin_array();
    std::int64_t index = 0;
    for (const stored_item& item : stored) {
        out.begin_object().key("index").integer(index++).member("status", item.status);
        out.member("event_id", item.event_id);
        write_text_or_null(out, "code", item.code);
        write_text_or_null(out, "detail", item.detail);
        out.end_object();
    }
    out.end_array().key("counts").begin_object();
    for (const std::string_view status : statuses)
        out.key(status).integer(
            std::count_if(stored.begin(), stored.end(),
                          [status](const stored_item& item) { return item.status == status; }));
    out.end_object().member("correlation_id", correlation_id).end_object();
    return std::move(out).text();
}

}  // namespace

std::span<const http::route> event_intake::routes() {
    return routes_of_intake;
}

task<void> event_intake::admit(const http::request& head) {
    (void)co_await tenants_.tenant_of(head);
}

task<http::response> event_intake::take(const http::request& r) {
    const std::string tenant_id = co_await tenants_.tenant_of(r);
    const json::document body = read_json_body(r);
    std::vector<translation> events;
    for (const json::value item : items_of(body.root())) events.push_back(translate(item, r.correlation_id));
    const std::vector<stored_item> stored = co_await writer_.write(tenant_id, std::move(events));
    http::response reply;
    reply.body = answer(stored, r.correlation_id);
    co_return reply;
}

}  // namespace attribution::ingestion
