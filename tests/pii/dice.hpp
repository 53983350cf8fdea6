// Random choices that are the same for a seed on every machine (the standard's distributions are not).
#pragma once

#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace attribution::test {

class dice {
  public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}

    std::size_t below(std::size_t limit) { return engine_() % limit; }
    std::size_t between(std::size_t least, std::size_t most) { return least + below(most - least + 1); }
    bool one_in(std::size_t n) { return below(n) == 0; }

    template <class list>
    const auto& of(const list& choices) {
        return choices[below(std::size(choices))];
    }

    std::string letters(std::string_view alphabet, std::size_t count) {
        std::string text;
        while (count-- > 0) text += alphabet[below(alphabet.size())];
        return text;
    }

    // A pattern: d is a digit, N one from 2 to 9, x a small hex digit, A a capital; the rest stands for
    // itself.
    std::string fill(std::string_view pattern) {
        std::string text;
        for (const char c : pattern) {
            if (c == '~')
                text += static_cast<char>('0' + below(10));
            else if (c == '^')
                text += static_cast<char>('2' + below(8));
            else if (c == '`')
                text += "0123456789abcdef"[below(16)];
            else if (c == '|')
                text += static_cast<char>('A' + below(26));
            else
                text += c;
        }
        return text;
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace attribution::test
