// An adapter: whatever the body is, the event can be read, and holds nothing that the database's guard would
// refuse, nor anything of an address that stands in the body. The input is a topic, a line feed and a body.
// ADAPTER names the adapter: CMakeLists.txt builds a target of this file for each.
#include <string>

#include "core/json/canonical.hpp"
#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/money/money.hpp"
#include "core/pii/detect.hpp"
#include "core/pii/keys.hpp"
#include "core/providers/event.hpp"
#include "core/providers/readable_facts.hpp"
#include "tests/fuzz/fuzz.hpp"

#include ADAPTER_HEADER

using namespace attribution;
using providers::delivery_facts;

namespace {

delivery_facts facts_for(std::string_view topic) {
    return {.source = "fuzz",
            .topic = std::string(topic),
            .delivery_key = "delivery-1",
            .digest_hex = std::string(64, 'a'),
            .endpoint_id = "whe_1",
            .correlation_id = "018f0000-0000-7000-8000-00000000000a",
            .account = "shop.example.com"};
}

// Adapters of webhooks take a body, that of merchants an item.
[[maybe_unused]] providers::event translate(providers::event (*by)(const delivery_facts&, std::string_view),
                                            const delivery_facts& facts, std::string_view body) {
    return by(facts, body);
}
[[maybe_unused]] providers::event translate(providers::event (*by)(const delivery_facts&, json::value),
                                            const delivery_facts& facts, std::string_view body) {
    try {
        return by(facts, json::parse(body).root());
    } catch (const json::error&) {
        throw error(invalid_event, "invalid event");
    }
}

void require_harmless(json::value from, std::string_view holder) {  // NOLINT(misc-no-recursion)
    if (from.is_string()) fuzz::require(!pii::find_in(holder, from.text()), "the guard lets the values pass");
    for (const json::value child : from) {
        if (from.is_object())
            fuzz::require(!pii::is_personal_key(child.key()) && !pii::find(child.key()),
                          "the guard lets the names pass");
        require_harmless(child, from.is_object() ? child.key() : holder);
    }
}

void check_money(const providers::event& event) {
    for (const providers::money_state& state : event.states) {
        const money::currency currency = money::currency::from_code(state.currency);
        fuzz::require(money::parse_minor(money::format_minor(state.cumulative_minor, currency), currency) ==
                          state.cumulative_minor,
                      "amounts come back");
    }
}

std::string event_of(const delivery_facts& facts, std::string_view body) {
    try {
        const providers::event event = translate(&providers::ADAPTER::translate, facts, body);
        check_money(event);
        return providers::to_json(event);
    } catch (const error& why) {
        providers::event rejected = providers::rejected_event(facts, why, body.size());
        rejected.rejected->facts = providers::readable_facts(body);
        return providers::to_json(rejected);
    }
}

std::string check(const delivery_facts& facts, std::string_view body) {
    std::string text = event_of(facts, body);
    require_harmless(json::parse(text).root(), "");
    return text;
}

// The document with an address in some of its strings.
class planter {
  public:
    explicit planter(std::uint64_t choice) : choice_(choice) {}
    std::string write(json::value from) {
        copy(from);
        return out_.text();
    }

  private:
    void copy(json::value from) {  // NOLINT(misc-no-recursion)
        switch (from.kind()) {
            case json::kind::object:
                out_.begin_object();
                for (const json::value member : from) {
                    out_.key(member.key());
                    copy(member);
                }
                out_.end_object();
                break;
            case json::kind::array:
                out_.begin_array();
                for (const json::value element : from) copy(element);
                out_.end_array();
                break;
            case json::kind::string:
                out_.string(plant(from.text()));
                break;
            case json::kind::null:
                out_.null();
                break;
            default:
                out_.raw(from.text());
        }
    }
    std::string plant(std::string_view text) {
        choice_ = choice_ * 6364136223846793005U + 1442695040888963407U;
        switch ((choice_ >> 60U) & 7U) {
            case 0:
                return std::string(text) + " planted.person@example.org";
            case 1:
                return std::string(text) + "&utm_source=planted.person%40example.org";
            case 2:
                return "planted.person@example.org";
            default:
                return std::string(text);
        }
    }
    std::uint64_t choice_;
    json::writer out_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [topic, body] = fuzz::first_line(fuzz::text_of(data, size));
    // Topics come from paths and headers, and are key text; others are left out.
    const delivery_facts facts = facts_for(topic);
    check(facts, body);
    try {
        const json::document document = json::parse(body);
        const std::string with_address =
            planter(size * 31 + (size > 0 ? data[size / 2] : 0)).write(document.root());
        const bool says_nothing =
            fuzz::mentions_planted(topic) || fuzz::mentions_planted(json::canonical(document.root()));
        const bool is_gone = check(facts, with_address).find(fuzz::planted) == std::string::npos;
        fuzz::require(is_gone || says_nothing, "a planted address is gone");
    } catch (const json::error&) {
    }
    return 0;
}
