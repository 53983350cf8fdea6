// Bodies of webhooks for tests: the fixtures, and what a test changes in them.
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
#include "seed.hpp"

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

// The body with bytes that are lost, doubled or changed, or with another value in place of one.
inline std::string mutated(std::string body, random_source& random) {
    const std::vector<std::string> pieces{
        "null", "-1",  "1e9", "\"\"", "{}",   "[]", "true", "9223372036854775808",
        "\"",   "\\u", "{",   "]",    "\xff", ",",  ":",    "0.1"};
    for (std::size_t left = 1 + random.below(3); left > 0 && !body.empty(); --left) {
        const std::size_t at = random.below(body.size());
        const std::size_t length = random.below(30);
        switch (random.below(4)) {
            case 0:
                body.erase(at, length);
                break;
            case 1:
                body.insert(at, body.substr(random.below(body.size()), length));
                break;
            case 2:
                body[at] = static_cast<char>(random.below(256));
                break;
            default: {  // a whole value
                const std::size_t colon = body.find(": ", at);
                if (colon == std::string::npos) break;
                const std::size_t end = body.find_first_of(",\n", colon);
                body.replace(colon + 2, end - colon - 2, pieces[random.below(pieces.size())]);
            }
        }
    }
    return body;
}

// The text of tests/fixtures/NAME.json
inline std::string read_fixture(const std::string& name) {
    std::ifstream file(std::string(FIXTURES_DIR "/") + name + ".json");
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace attribution::test
