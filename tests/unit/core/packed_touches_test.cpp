#include "core/credit/packed_touches.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <limits>

#include "core/errors.hpp"
#include "tests/unit/core/seed.hpp"

namespace attribution::credit {
namespace {

using touches = std::vector<packed_touch>;
using namespace std::literals;

touches unpack(std::string_view packed) {
    touches into;
    unpack_touches(packed, into);
    return into;
}

void expect_refused(std::string_view packed) {
    touches into{{7, "kept", ""}};
    try {
        unpack_touches(packed, into);
        ADD_FAILURE() << "read " << packed.size() << " bytes";
    } catch (const error& e) {
        EXPECT_EQ(e.sqlstate(), "XX001");
        EXPECT_FALSE(e.detail().empty());
        EXPECT_FALSE(e.hint().empty());
    }
    EXPECT_EQ(into.size(), 1);
}

TEST(packed_touches, the_bytes_of_the_format) {
    EXPECT_EQ(pack_touches({}), "\1\0\0\0\0\0\0\0\0"s);
    const std::string packed =
        pack_touches({{258, "b", "x"}, {-1, "b", ""}, {258, "a", "yz"}, {258, "b", "x"}});
    EXPECT_EQ(packed,
              "\1"
              "\3\0\0\0"
              "\1\0\0\0\2\0\0\0"
              "\1\0\0\0\0\0\0\0"
              "\1\0\0\0\1\0\0\0"
              "ayz"
              "b"
              "bx"
              "\4\0\0\0"
              "\xff\xff\xff\xff\xff\xff\xff\xff"
              "\2\1\0\0\0\0\0\0"
              "\2\1\0\0\0\0\0\0"
              "\2\1\0\0\0\0\0\0"
              "\1\0\2\2"s);
    EXPECT_EQ(unpack(packed), (touches{{-1, "b", ""}, {258, "a", "yz"}, {258, "b", "x"}, {258, "b", "x"}}));
}

TEST(packed_touches, come_back_with_any_text_and_time) {
    constexpr microseconds least = std::numeric_limits<microseconds>::min();
    constexpr microseconds most = std::numeric_limits<microseconds>::max();
    const std::string long_text(100'000, 'c');
    const touches given{{least, "", ""}, {0, "a\0b"sv, "\xff"}, {0, "é", long_text}, {most, "", "b"}};
    EXPECT_EQ(unpack(pack_touches(given)), given);
    touches into{{5, "email", "spring"}};
    const std::string more = pack_touches({{1, "direct", ""}});
    unpack_touches(more, into);
    EXPECT_EQ(into, (touches{{5, "email", "spring"}, {1, "direct", ""}}));
}

TEST(packed_touches, columns) {
    touch_columns columns;
    const std::string last = pack_touches({{1, "old", "old"}, {2, "older", "old"}});
    columns.read(last);
    const std::string packed = pack_touches({{30, "email", ""}, {10, "email", ""}, {20, "direct", ""}});
    columns.read(packed);
    ASSERT_EQ(columns.times().size(), 3);
    EXPECT_EQ(columns.times()[2], 30);
    ASSERT_EQ(columns.labels().size(), 2);
    EXPECT_EQ(columns.labels()[0].channel, "direct");
    EXPECT_EQ((std::vector<int>(columns.label_numbers().begin(), columns.label_numbers().end())),
              (std::vector<int>{1, 0, 1}));
    columns.read(pack_touches({}));
    EXPECT_TRUE(columns.times().empty() && columns.labels().empty() && columns.label_numbers().empty());
}

// A number of a label needs a second byte from the 257th on.
TEST(packed_touches, many_labels) {
    for (const std::size_t count : {255U, 256U, 257U, 1000U}) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < count; ++i) names.push_back(std::to_string(10'000 + i));
        touches given;
        for (std::size_t i = 0; i < count; ++i)
            given.push_back({static_cast<microseconds>(i), "c", names[i]});
        const std::string packed = pack_touches(given);
        EXPECT_EQ(packed.size(), 9 + count * (8 + 6 + 8 + (count <= 256 ? 1 : 2)));
        EXPECT_EQ(unpack(packed), given);
    }
}

TEST(packed_touches, the_newest_stay) {
    touches many;
    for (int i = 0; i < 1500; ++i) many.push_back({1500 - i, i < 1000 ? "new" : "old", ""});
    const std::string packed = pack_touches(many);
    const touches kept = unpack(packed);
    ASSERT_EQ(kept.size(), max_journey_touches);
    EXPECT_EQ(kept.front(), (packed_touch{501, "new", ""}));
    EXPECT_EQ(kept.back(), (packed_touch{1500, "new", ""}));
    EXPECT_EQ(packed.find("old"), std::string::npos);
    const auto with = [&](const packed_touch& one) {
        touches more = kept;
        more.push_back(one);
        return pack_touches(more);
    };
    EXPECT_EQ(with({500, "old", ""}), packed);
    EXPECT_NE(with({501, "nex", ""}), packed);
}

TEST(packed_touches, other_bytes_are_refused) {
    expect_refused("");
    expect_refused("\2\0\0\0\0\0\0\0\0"sv);
    expect_refused("\1\0\0\0\0\0\0\0\0\0"sv);
    expect_refused("\1\xff\xff\xff\xff\0\0\0\0"sv);                   // labels
    expect_refused("\1\0\0\0\0\xff\xff\xff\xff"sv);                   // touches
    expect_refused("\1\1\0\0\0\xff\xff\xff\xff\1\0\0\0a\0\0\0\0"sv);  // a channel
    const std::string good =
        "\1\2\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0ab\2\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\1"s;
    EXPECT_EQ(unpack(good), (touches{{1, "a", ""}, {1, "b", ""}}));
    const auto with = [&](std::size_t place, char byte) {
        std::string changed = good;
        changed[place] = byte;
        return changed;
    };
    expect_refused(with(good.size() - 1, 2));                                    // a label that is not there
    expect_refused(with(good.size() - 2, 1).substr(0, good.size() - 1) + '\0');  // labels of one time
    expect_refused(with(26, 2));                                                 // the first is newer
    expect_refused(with(21, 'c'));                                               // labels
    expect_refused(with(22, 'a'));                                               // twice the same
    expect_refused(good + 'x');
}

TEST(packed_touches, any_grouping_ends_with_the_same_bytes) {
    test::random_source random;
    for (int i = 0; i < 3'000; ++i) {
        const std::size_t count = random.below(random.below(10) == 0 ? 2500 : 60);
        const std::size_t times = 1 + random.below(2000);
        std::vector<std::string> names;
        for (std::size_t n = 1 + random.below(random.below(20) == 0 ? 600 : 8); n > 0; --n)
            names.push_back(random.text("ab\xff", 4));
        touches all;
        for (std::size_t t = 0; t < count; ++t)
            all.push_back({static_cast<microseconds>(random.below(times)), names[random.below(names.size())],
                           names[random.below(names.size())]});
        const std::string at_once = pack_touches(all);
        for (std::size_t t = 1; t < count; ++t) std::swap(all[t], all[random.below(t + 1)]);
        touches grown;
        for (auto from = all.begin(); from != all.end();) {
            const auto size = std::min<std::ptrdiff_t>(
                all.end() - from, 1 + static_cast<std::ptrdiff_t>(random.below(1 + count / 3)));
            grown.insert(grown.end(), from, from + size);
            keep_newest(grown);
            from += size;
        }
        ASSERT_EQ(pack_touches(grown), at_once) << test::seed_note();
        std::sort(all.begin(), all.end());
        all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(std::min(count, max_journey_touches)));
        ASSERT_EQ(unpack(at_once), all) << test::seed_note();
    }
}

// Cut anywhere it is refused; with any byte changed it is refused, or read as touches that are packed alike.
TEST(packed_touches, damage_is_never_read_beyond_the_end) {
    test::random_source random;
    for (int i = 0; i < 300; ++i) {
        std::vector<std::string> names(300);
        for (std::string& name : names) name = random.text("abc", 5);
        touches given;
        for (std::size_t t = random.below(random.below(10) == 0 ? 600 : 10); t > 0; --t)
            given.push_back({random.any_integer(), names[random.below(300)], names[random.below(300)]});
        const std::string packed = pack_touches(given);
        for (std::size_t length = 0; length < packed.size();
             length += 1 + random.below(1 + packed.size() / 100)) {
            // Its own block of memory, so that AddressSanitizer sees the end.
            const std::vector<char> cut(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length));
            expect_refused({cut.data(), cut.size()});
        }
        for (int change = 0; change < 100; ++change) {
            std::vector<char> changed(packed.begin(), packed.end());
            changed[random.below(changed.size())] = static_cast<char>(random.any_integer());
            try {
                const std::string_view bytes(changed.data(), changed.size());
                const touches read = unpack(bytes);
                ASSERT_TRUE(std::is_sorted(read.begin(), read.end())) << test::seed_note();
                ASSERT_EQ(unpack(pack_touches(read)), read) << test::seed_note();
            } catch (const error& e) {
                ASSERT_EQ(e.sqlstate(), "XX001");
            }
        }
    }
}

}  // namespace
}  // namespace attribution::credit
