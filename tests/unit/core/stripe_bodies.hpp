// Bodies of Stripe's events for tests: the fixtures, and what a test changes in them.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/providers/stripe.hpp"

namespace attribution::test {

// Path of a member ("data.object.amount") → its JSON text; "" leaves it out.
using changes = std::vector<std::pair<std::string, std::string>>;

class rewriter {
  public:
    rewriter(const changes& with) : with_(with) {}

    std::string text(json::value from) && {
        write(from, "");
        return std::move(out_).text();
    }

  private:
    void write(json::value from, const std::string& path) {
        if (from.is_object()) {
            write_members(from, path);
        } else if (from.is_array()) {
            out_.begin_array();
            for (const json::value element : from) write(element, path + "[]");
            out_.end_array();
        } else if (from.is_string()) {
            out_.string(from.text());
        } else {
            out_.raw(from.is_null() ? "null" : from.text());
        }
    }

    void write_members(json::value from, const std::string& path) {
        const std::string prefix = path.empty() ? "" : path + ".";
        std::set<std::string> seen;
        out_.begin_object();
        for (const json::value member : from) {
            const std::string name = prefix + std::string(member.key());
            seen.insert(name);
            if (const std::string* changed = find(name)) {
                if (!changed->empty()) out_.key(member.key()).raw(*changed);
            } else {
                out_.key(member.key());
                write(member, name);
            }
        }
        for (const auto& [name, value] : with_) {
            const bool is_here =
                name.starts_with(prefix) && name.find('.', prefix.size()) == std::string::npos;
            if (is_here && !value.empty() && seen.insert(name).second)
                out_.key(name.substr(prefix.size())).raw(value);
        }
        out_.end_object();
    }

    // The last one counts.
    const std::string* find(const std::string& path) const {
        const std::string* found = nullptr;
        for (const auto& [name, value] : with_)
            if (name == path) found = &value;
        return found;
    }

    const changes& with_;
    json::writer out_;
};

inline std::string fixture(const std::string& name) {
    std::ifstream file(FIXTURES_DIR "/stripe/" + name + ".json");
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
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
