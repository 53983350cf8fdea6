// Bodies of Stripe's events for tests: the fixtures, and what a test changes in them.
#pragma once

#include <string>
#include <string_view>

#include "bodies.hpp"
#include "core/providers/stripe.hpp"

namespace attribution::test {

inline std::string fixture(const std::string& name) {
    return read_fixture("stripe/" + name);
}

inline std::string changed(const std::string& name, const changes& with) {
    return rewriter(with).text(json::parse(fixture(name)).root());
}

inline providers::delivery_facts stripe_facts() {
    providers::delivery_facts facts;
    facts.source = "stripe";
    facts.topic = "some/path";
    facts.digest_hex = std::string(64, '0');
    facts.account = "acct_1Fix";
    return facts;
}

inline providers::event translate(const std::string& name, const changes& with = {}) {
    return providers::stripe::translate(stripe_facts(), changed(name, with));
}

// The SQLSTATE with which a body is refused.
inline std::string refusal_of(std::string_view body) {
    try {
        providers::stripe::translate(stripe_facts(), body);
    } catch (const error& refused) {
        return std::string(refused.sqlstate());
    }
    return "accepted";
}

inline std::string refusal_of(const std::string& name, const changes& with) {
    return refusal_of(changed(name, with));
}

}  // namespace attribution::test
