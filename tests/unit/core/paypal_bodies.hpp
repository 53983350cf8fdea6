// Bodies of PayPal's events for tests: the fixtures, and what a test changes in them.
#pragma once

#include <string>
#include <string_view>

#include "bodies.hpp"
#include "core/providers/paypal.hpp"

namespace attribution::test {

inline std::string paypal_fixture(const std::string& name) {
    return read_fixture("paypal/" + name);
}

inline std::string paypal_body(const std::string& name, const changes& with) {
    return rewriter(with).text(json::parse(paypal_fixture(name)).root());
}

inline providers::delivery_facts paypal_facts() {
    providers::delivery_facts facts;
    facts.source = "paypal";
    facts.topic = "some/path";
    facts.digest_hex = std::string(64, '0');
    facts.account = "shop@example.com";
    return facts;
}

inline providers::event translate_paypal(const std::string& name, const changes& with = {}) {
    return providers::paypal::translate(paypal_facts(), paypal_body(name, with));
}

// The SQLSTATE with which a body is refused.
inline std::string paypal_refusal(std::string_view body) {
    try {
        providers::paypal::translate(paypal_facts(), body);
    } catch (const error& refused) {
        return std::string(refused.sqlstate());
    }
    return "accepted";
}

inline std::string paypal_refusal(const std::string& name, const changes& with) {
    return paypal_refusal(paypal_body(name, with));
}

}  // namespace attribution::test
