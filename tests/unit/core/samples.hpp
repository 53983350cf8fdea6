// Samples of bodies under tests/fixtures, as they are and with other values for some members.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"

namespace samples {

using changes = std::vector<std::pair<std::string, std::string>>;  // member → JSON text; "" leaves it out

inline std::string read(const std::string& name) {
    std::ifstream file(FIXTURES_DIR "/" + name);
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write(attribution::json::writer& out, attribution::json::value from) {
    if (from.is_object()) {
        out.begin_object();
        for (const auto& member : from) write(out.key(member.key()), member);
        out.end_object();
    } else if (from.is_array()) {
        out.begin_array();
        for (const auto& element : from) write(out, element);
        out.end_array();
    } else if (from.is_string()) {
        out.string(from.text());
    } else {
        out.raw(from.is_null() ? "null" : from.text());
    }
}

// Of several changes of one member the last counts; members that the sample does not have are added.
inline std::string changed(const std::string& name, const changes& with) {
    const attribution::json::document sample = attribution::json::parse(read(name));
    std::vector<std::string> done;
    attribution::json::writer out;
    out.begin_object();
    for (const auto& member : sample.root()) {
        const auto other = std::find_if(with.rbegin(), with.rend(),
                                        [&](const auto& one) { return one.first == member.key(); });
        done.emplace_back(member.key());
        if (other == with.rend()) {
            write(out.key(member.key()), member);
        } else if (!other->second.empty()) {
            out.key(member.key()).raw(other->second);
        }
    }
    for (const auto& [name_of_new, text] : with)
        if (!text.empty() && std::find(done.begin(), done.end(), name_of_new) == done.end())
            out.key(name_of_new).raw(text);
    return out.end_object().text();
}

}  // namespace samples
