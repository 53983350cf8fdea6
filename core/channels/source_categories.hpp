// The kind of a site (search, social, shopping, video, …) by its name or host.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace attribution::channels {

struct source_entry {
    std::string source;    // "google" or "search.yahoo.com"
    std::string category;  // "search"
};

// Immutable after construction. An entry without a dot matches the source equal to it, or a host in which it
// is a label other than the last; an entry with a dot matches that host and its subdomains. The most specific
// entry wins: the longest host first, then labels from right to left.
class source_categories {
  public:
    source_categories() = default;
    explicit source_categories(const std::vector<source_entry>& entries);

    // The category of a source or host; empty when none is known. Case does not matter.
    std::string_view category_of(std::string_view source) const;

  private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::string_view lookup(std::string_view name) const;

    std::unordered_map<std::string, std::string, text_hash, std::equal_to<>> categories_;
};

}  // namespace attribution::channels
