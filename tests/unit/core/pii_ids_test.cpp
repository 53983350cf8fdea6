// Recall on planted values and precision on ids, each with random ones; printed for each detector.

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "core/pii/detect.hpp"
#include "seed.hpp"

using namespace attribution;

namespace {

constexpr std::string_view decimal = "0123456789";
constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::string_view mixed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view hex = "0123456789abcdef";

class generator : public test::random_source {
  public:
    std::string exactly(std::string_view alphabet, std::size_t length) {
        std::string result;
        while (result.size() < length) result += alphabet[below(alphabet.size())];
        return result;
    }
    std::string one_of(std::initializer_list<const char*> choices) {
        return *(choices.begin() + below(choices.size()));
    }
    // A number of so many digits, without a leading zero.
    std::string number(std::size_t length) { return exactly("123456789", 1) + exactly(decimal, length - 1); }
};

std::string with_luhn_digit(std::string digits) {
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const int value = (digits[digits.size() - 1 - i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += value > 9 ? value - 9 : value;
    }
    return digits + static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::string uuid(generator& random) {
    return random.exactly(hex, 8) + '-' + random.exactly(hex, 4) + '-' + random.exactly(hex, 4) + '-' +
           random.exactly(hex, 4) + '-' + random.exactly(hex, 12);
}

// An id of one of the forms that providers use.
std::string shopify_id(generator& random) {
    // Every other number passes the check of a card.
    const std::size_t length = 13 + random.below(8);
    std::string number =
        random.below(2) == 0
            ? random.number(length)
            : with_luhn_digit(random.one_of({"4", "51", "37", "6011"}) + random.number(length - 5));
    switch (random.below(4)) {
        case 0:
            return "gid://shopify/" + random.one_of({"Order/", "Refund/", "OrderTransaction/"}) + number;
        case 1:
            return "shopify:" + random.one_of({"order:", "transaction:", "dispute:"}) + number;
        case 2:
            return uuid(random);
        default:
            return number;
    }
}

std::string stripe_id(generator& random) {
    const std::string id = random.one_of(
        {"pi_", "ch_", "re_", "evt_", "cs_live_", "cs_test_", "dp_", "txn_", "py_", "acct_", "pm_"});
    return random.one_of({"", "stripe:charge:", "stripe:payment_intent:"}) + id +
           random.exactly(random.below(4) == 0 ? decimal : mixed, 14 + random.below(40));
}

std::string paypal_id(generator& random) {
    switch (random.below(5)) {
        case 0:
            return "WH-" + random.exactly(capitals, 17) + '-' + random.exactly(capitals, 17);
        case 1:
            return "WH-" + random.exactly(decimal, 17) + '-' + random.exactly(decimal, 17);
        case 2:
            return "PAYID-" + random.exactly(capitals, 24);
        case 3:
            return "I-" + random.exactly(capitals, 12);
        default:
            return random.exactly(capitals, 17);
    }
}

std::string woo_id(generator& random) {
    switch (random.below(3)) {
        case 0:
            return random.number(1 + random.below(19));
        case 1:
            return random.exactly(hex, 32);
        default:
            return "woocommerce:order:" + random.number(1 + random.below(19));
    }
}

std::string email(generator& random) {
    return random.exactly("abcdefghij", 1) + random.text("abcdefgh._-+019", 10) + "x" +
           random.one_of({"@", "@", "%40", "%2540", "＠", "﹫", "@\u200B", "\u2060@"}) +
           random.one_of({"example.com", "mail.example.org", "müller.example", "пример.рф", "例え.jp"});
}

std::string phone(generator& random) {
    const std::string area = random.number(3);
    const std::string line = random.number(3) + random.one_of({"-", " ", "."}) + random.number(4);
    switch (random.below(4)) {
        case 0:
            return "+49 30 " + random.number(7);
        case 1:
            return "+1" + random.number(10);
        case 2:
            return '(' + area + ") " + line;
        default:
            return "0171 " + random.number(7);
    }
}

std::string card(generator& random) {
    const bool american_express = random.below(4) == 0;
    const std::string prefix =
        american_express ? random.one_of({"34", "37"})
                         : random.one_of({"4", "51", "55", "2221", "2720", "6011", "65", "3528", "62"});
    const std::size_t length = american_express ? 15 : 16;
    const std::string digits = with_luhn_digit(prefix + random.exactly(decimal, length - 1 - prefix.size()));
    const std::string mark = random.one_of({"", "", " ", "-"});
    if (american_express) return digits.substr(0, 4) + mark + digits.substr(4, 6) + mark + digits.substr(10);
    return digits.substr(0, 4) + mark + digits.substr(4, 4) + mark + digits.substr(8, 4) + mark +
           digits.substr(12);
}

std::string iban(generator& random) {
    struct country {
        const char* code;
        std::size_t letters;  // of the bank
        std::size_t digits;
    };
    static constexpr auto countries = std::to_array<country>({{"DE", 0, 18},
                                                              {"GB", 4, 14},
                                                              {"NL", 4, 10},
                                                              {"FR", 0, 23},
                                                              {"ES", 0, 20},
                                                              {"PL", 0, 24},
                                                              {"NO", 0, 11}});
    const country from = countries.at(random.below(countries.size()));
    const std::string account =
        random.exactly("ABCDEFGHIJKLMNOPQRSTUVWXYZ", from.letters) + random.exactly(decimal, from.digits);
    unsigned rest = 0;
    for (const char c : account + from.code + "00")
        rest = (c >= 'A' ? rest * 100 + static_cast<unsigned>(c - 'A' + 10)
                         : rest * 10 + static_cast<unsigned>(c - '0')) %
               97;
    const unsigned check = 98 - rest;
    std::string bare = from.code + std::string(check < 10 ? "0" : "") + std::to_string(check) + account;
    if (random.below(2) == 0) return bare;
    std::string grouped;
    for (std::size_t i = 0; i < bare.size(); ++i) {
        if (i > 0 && i % 4 == 0) grouped += ' ';
        grouped += bare[i];
    }
    return grouped;
}

std::string ip(generator& random) {
    const auto octet = [&random] { return std::to_string(random.below(256)); };
    std::string four = octet() + '.' + octet() + '.' + octet() + '.' + octet();
    switch (random.below(4)) {
        case 0:
            return "2001:db8:" + random.exactly(hex, 4) + "::" + random.exactly(hex, 1 + random.below(4));
        case 1: {
            std::string eight = random.exactly(hex, 4);
            for (int group = 1; group < 8; ++group) eight += ':' + random.exactly(hex, 1 + random.below(4));
            return eight;
        }
        case 2:
            return "::ffff:" + four;
        default:
            return four;
    }
}

std::string ssn(generator& random) {
    const std::string area = random.exactly("12345", 1) + random.exactly(decimal, 2);
    const std::string mark = random.one_of({"-", " "});
    return area + mark + random.number(2) + mark + random.number(4);
}

std::string words(generator& random) {
    return random.text("abcdefghijklmnopqrstuvwxyz", 8) + ' ';
}

}  // namespace

TEST(pii_ids, every_planted_value_is_found_and_named) {
    SCOPED_TRACE(test::seed_note());
    generator random;
    const std::map<std::string, std::function<std::string(generator&)>> makers{
        {"email", email}, {"phone", phone}, {"card", card}, {"iban", iban}, {"ip", ip}, {"ssn", ssn}};
    constexpr int tries = 5'000;
    for (const auto& [kind, make] : makers) {
        int found = 0;
        int named = 0;
        std::string missed;
        for (int i = 0; i < tries; ++i) {
            const std::string text = "see " + words(random) + make(random) + ' ' + words(random);
            const auto what = pii::find(text);
            found += what ? 1 : 0;
            named += what && pii::name(*what) == kind ? 1 : 0;
            if (!what || pii::name(*what) != kind) missed = text;
        }
        std::cout << "planted " << kind << ": recall " << static_cast<double>(found) / tries << ", precision "
                  << static_cast<double>(named) / found << " of " << tries << '\n';
        EXPECT_EQ(found, tries) << kind << ": " << missed;
        EXPECT_EQ(named, tries) << kind << ": " << missed;
    }
}

TEST(pii_ids, no_id_of_a_provider_is_refused_as_an_id) {
    SCOPED_TRACE(test::seed_note());
    generator random;
    const std::map<std::string, std::function<std::string(generator&)>> makers{
        {"shopify", shopify_id}, {"stripe", stripe_id}, {"paypal", paypal_id}, {"woocommerce", woo_id}};
    constexpr int tries = 20'000;
    for (const auto& [provider, make] : makers) {
        int refused = 0;
        int as_free_text = 0;
        for (int i = 0; i < tries; ++i) {
            const std::string id = make(random);
            const auto what = pii::find_in("external_id", id);
            refused += what ? 1 : 0;
            as_free_text += pii::find(id) ? 1 : 0;
            EXPECT_FALSE(what) << id << " is taken for " << pii::name(*what);
        }
        std::cout << "ids of " << provider << ": " << refused << " of " << tries << " refused (as free text "
                  << as_free_text << ")\n";
    }
}

TEST(pii_ids, ids_that_pass_the_check_of_a_card_are_cards_in_free_text) {
    generator random;
    int cards = 0;
    for (int i = 0; i < 1'000; ++i) cards += pii::find(card(random)) == pii::kind::card ? 1 : 0;
    EXPECT_EQ(cards, 1'000);
}
