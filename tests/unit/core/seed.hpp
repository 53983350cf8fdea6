// Random numbers of property tests: every run has another seed, which a failure prints. ATTRIBUTION_SEED
// repeats one.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace attribution::test {

inline std::uint64_t seed() {
    static const std::uint64_t value = [] {
        const char* given =
            std::getenv("ATTRIBUTION_SEED");  // NOLINT(concurrency-mt-unsafe): nothing sets it
        return given != nullptr ? std::stoull(given) : std::random_device{}();
    }();
    return value;
}

inline std::string seed_note() {
    return "ATTRIBUTION_SEED=" + std::to_string(seed());
}

class random_source {
  public:
    random_source() : engine_(seed()) {}
    // From 0 to limit − 1.
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
    }
    std::int64_t any_integer() { return static_cast<std::int64_t>(engine_()); }
    // A text of up to `longest` characters, each one of `alphabet`.
    std::string text(std::string_view alphabet, std::size_t longest) {
        std::string result;
        for (std::size_t left = below(longest + 1); left > 0; --left)
            result += alphabet[below(alphabet.size())];
        return result;
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace attribution::test
