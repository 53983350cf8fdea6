#include "tests/pii/generate_values.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace attribution::test {

namespace {

using texts = std::string_view;

char luhn_digit(std::string_view digits) {
    int sum = 0;
    bool twice = true;
    for (auto at = digits.rbegin(); at != digits.rend(); ++at, twice = !twice) {
        const int digit = (*at - '0') * (twice ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::string email(dice& random) {
    static constexpr texts names[] = {"anna",   "j.smith",   "maria-luisa", "o'neill", "pierre_92",
                                      "x",      "info+news", "Kim.Lee",     "r2d2",    "FOO",
                                      "jürgen", "søren",     "иван",        "佐藤",    "김민수",
                                      "अनिल",   "γιάννης",   "محمد",        "نور"};
    static constexpr texts hosts[] = {
        "example.com",    "mail.example.org",      "shop-24.example.net", "EXAMPLE.de", "a.b.c.example.co.uk",
        "bücher.example", "xn--bcher-kva.example", "пример.рф",           "例え.jp",    "δοκιμή.gr",
        "कंपनी.भारत",      "mx1.example.io"};
    std::string name(random.of(names));
    if (random.one_in(3)) name += std::to_string(random.below(1000));
    if (random.one_in(5)) name += "+" + random.letters("abcdefgh", 4);
    return name + "@" + std::string(random.of(hosts));
}

std::string phone(dice& random) {
    static constexpr texts forms[] = {
        "+1 ^~~ ^~~ ~~~~",     "+1-^~~-^~~-~~~~",   "(^~~) ^~~-~~~~",    "^~~-^~~-~~~~",
        "^~~.^~~.~~~~",        "+1^~~^~~~~~~",      "1-8^^-^~~-~~~~",    "+44 20 ^~~~ ~~~~",
        "020 ^~~~ ~~~~",       "07^~~ ~~~~~~",      "+44 7^~~ ~~~~~~",   "(01^~) ^~~ ~~~~",
        "+49 30 ^~~~~~",       "030 ^~~~~~~~",      "0049 17~ ^~~~~~~~", "017~/^~~~~~~~",
        "+49 (0)89 ^~~ ~~-~~", "017~ ^~~~~~~~",     "+33 6 ~~ ~~ ~~ ~~", "06 ~~ ~~ ~~ ~~",
        "01.~~.~~.~~.~~",      "+39 3^~ ~~~~~~~",   "02 ^~~~ ~~~~",      "+34 6~~ ~~ ~~ ~~",
        "+34 9~~ ~~~ ~~~",     "+31 6 ^~~~~~~~",    "06-^~~~~~~~",       "+32 4^~ ~~ ~~ ~~",
        "0^~ ^~~ ~~ ~~",       "+41 79 ~~~ ~~ ~~",  "+43 664 ~~~~~~~",   "+46 70 ~~~ ~~ ~~",
        "070-~~~ ~~ ~~",       "+45 ~~ ~~ ~~ ~~",   "+47 4~~ ~~ ~~~",    "+358 40 ~~~~~~~",
        "+48 5~~ ~~~ ~~~",     "+420 6~~ ~~~ ~~~",  "+7 9~~ ~~~-~~-~~",  "8 (9~~) ~~~-~~-~~",
        "+380 50 ~~~ ~~~~",    "+90 5~~ ~~~ ~~ ~~", "0 (5~~) ~~~ ~~ ~~", "+972 5~-~~~-~~~~",
        "+971 5~ ~~~ ~~~~",    "+966 5~ ~~~ ~~~~",  "+20 10~ ~~~ ~~~~",  "+27 8~ ~~~ ~~~~",
        "08~ ~~~ ~~~~",        "+234 80~ ~~~ ~~~~", "+91 9~~~~ ~~~~~",   "09~~~~ ~~~~~",
        "+86 13~ ~~~~ ~~~~",   "+852 ^~~~ ~~~~",    "+81 90-~~~~-~~~~",  "090-~~~~-~~~~",
        "03-~~~~-~~~~",        "+82 10-~~~~-~~~~",  "010-~~~~-~~~~",     "+65 9~~~ ~~~~",
        "+61 4~~ ~~~ ~~~",     "04~~ ~~~ ~~~",      "(02) ^~~~ ~~~~",    "+64 21 ~~~ ~~~~",
        "+55 11 9~~~~-~~~~",   "(11) 9~~~~-~~~~",   "+52 55 ~~~~ ~~~~",  "+54 9 11 ~~~~-~~~~",
        "+57 3~~ ~~~~~~~",     "tel:+49-30-^~~~~~"};
    return random.fill(random.of(forms));
}

std::string grouped(std::string_view text, std::string_view separator,
                    std::initializer_list<std::size_t> sizes) {
    std::string result;
    auto size = sizes.begin();
    while (!text.empty()) {
        const std::size_t next = std::min(text.size(), *size);
        if (!result.empty()) result += separator;
        result += text.substr(0, next);
        text.remove_prefix(next);
        if (size + 1 != sizes.end()) ++size;
    }
    return result;
}

std::string card(dice& random) {
    struct network {
        texts prefix;
        std::size_t length;
    };
    static constexpr network networks[] = {{"4", 16},    {"4", 16},    {"51", 16},  {"55", 16},
                                           {"2221", 16}, {"2720", 16}, {"34", 15},  {"37", 15},
                                           {"6011", 16}, {"65", 16},   {"300", 14}, {"36", 14},
                                           {"3528", 16}, {"3589", 16}, {"62", 16},  {"62", 19}};
    const network& from = random.of(networks);
    std::string digits(from.prefix);
    while (digits.size() < from.length - 1) digits += random.fill("~");
    digits += luhn_digit(digits);
    static constexpr texts separators[] = {"", "", " ", "-"};
    const texts separator = random.of(separators);
    if (separator.empty()) return digits;
    return from.length == 16 || from.length == 19 ? grouped(digits, separator, {4})
                                                  : grouped(digits, separator, {4, 6, 5});
}

int modulo_97(std::string_view iban) {
    int rest = 0;
    const std::string turned = std::string(iban.substr(4)) + std::string(iban.substr(0, 4));
    for (const char c : turned)
        rest = c >= 'A' ? (rest * 100 + (c - 'A' + 10)) % 97 : (rest * 10 + (c - '0')) % 97;
    return rest;
}

std::string iban(dice& random) {
    static constexpr texts forms[] = {"DE00~~~~~~~~~~~~~~~~~~",
                                      "FR00~~~~~~~~~~|~|~~~~~~~~~~",
                                      "GB00||||~~~~~~~~~~~~~~",
                                      "NL00||||~~~~~~~~~~",
                                      "ES00~~~~~~~~~~~~~~~~~~~~",
                                      "IT00|~~~~~~~~~~~~~~~~~~~~~~",
                                      "AT00~~~~~~~~~~~~~~~~",
                                      "BE00~~~~~~~~~~~~",
                                      "CH00~~~~~~~~~~~~~~~~~",
                                      "PL00~~~~~~~~~~~~~~~~~~~~~~~~",
                                      "NO00~~~~~~~~~~~",
                                      "SE00~~~~~~~~~~~~~~~~~~~~",
                                      "DK00~~~~~~~~~~~~~~",
                                      "FI00~~~~~~~~~~~~~~",
                                      "PT00~~~~~~~~~~~~~~~~~~~~~",
                                      "IE00||||~~~~~~~~~~~~~~",
                                      "TR00~~~~~~~~~~~~~~~~~~~~~0",
                                      "AE00~~~~~~~~~~~~~~~~~~~",
                                      "SA00~~~~~~~~~~~~~~~~~~~~",
                                      "MT00||||~~~~~|~|~|~|~|~|~|~|~|~",
                                      "LU00~~~~~~~~~~~~~~~~",
                                      "GR00~~~~~~~~~~~~~~~~~~~~~~~",
                                      "BR00~~~~~~~~~~~~~~~~~~~~~~~|1",
                                      "UA00~~~~~~~~~~~~~~~~~~~~~~~~~",
                                      "IL00~~~~~~~~~~~~~~~~~~~"};
    std::string text = random.fill(random.of(forms));
    if (text.starts_with("TR")) text.resize(26);
    const int check = 98 - modulo_97(text);
    text[2] = static_cast<char>('0' + check / 10);
    text[3] = static_cast<char>('0' + check % 10);
    return random.one_in(2) ? grouped(text, " ", {4}) : text;
}

std::string ip(dice& random) {
    const auto octet = [&random] { return std::to_string(random.below(256)); };
    std::string v4 = std::to_string(random.between(1, 223)) + "." + octet() + "." + octet() + "." + octet();
    switch (random.below(7)) {
        case 0:
            return random.fill("2001:db8:````:````:````:````:````:````");
        case 1:
            return random.fill("2a0^:````:````::````");
        case 2:
            return random.fill("fe80::````:````:````:````");
        case 3:
            return "::ffff:" + v4;
        case 4:
            return "[" + random.fill("2001:db8::````:````") + "]:443";
        default:
            return v4;
    }
}

std::string ssn(dice& random) {
    std::string area = random.fill("~~~");
    while (area == "000" || area == "666" || area.front() == '9') area = random.fill("~~~");
    const std::string group = random.fill("~") + std::to_string(random.between(1, 9));
    const std::string separator = random.one_in(3) ? " " : "-";
    return area + separator + group + separator + random.fill("~~~") + std::to_string(random.between(1, 9));
}

std::string ean_13(dice& random) {
    static constexpr texts prefixes[] = {"400", "426", "590", "871", "301",
                                         "761", "789", "978", "000", "693"};
    std::string digits = std::string(random.of(prefixes)) + random.fill("~~~~~~~~~");
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
    return digits + static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::string campaign(dice& random) {
    static constexpr texts words[] = {"spring", "Sale",     "DE",  "search", "brand",         "retargeting",
                                      "лето",   "夏セール", "été", "Q4",     "lookalike",     "video",
                                      "-50%",   "2026",     "v2",  "kw45",   "[prospecting]", "1+1"};
    static constexpr texts joins[] = {"_", "-", " | ", " ", "+", "/", "%20"};
    std::string text(random.of(words));
    for (std::size_t more = random.between(1, 4); more > 0; --more)
        text += std::string(random.of(joins)) + std::string(random.of(words));
    return text;
}

}  // namespace

std::string luhn_id(dice& random) {
    static constexpr texts starts[] = {"4", "5", "6", "37", "30"};
    std::string digits(random.of(starts));
    for (std::size_t length = random.between(13, 16); digits.size() + 1 < length;) digits += random.fill("~");
    return digits + luhn_digit(digits);
}

std::string personal_value(dice& random, pii::kind what) {
    switch (what) {
        case pii::kind::email:
            return email(random);
        case pii::kind::phone:
            return phone(random);
        case pii::kind::card:
            return card(random);
        case pii::kind::iban:
            return iban(random);
        case pii::kind::ip:
            return ip(random);
        case pii::kind::ssn:
            return ssn(random);
        case pii::kind::personal_key:
            break;
    }
    throw std::invalid_argument("personal names are made elsewhere");
}

std::string harmless_value(dice& random) {
    static constexpr texts forms[] = {"#~~~~",
                                      "INV-2026-~~~~~",
                                      "SKU-~~~-||-~~",
                                      "|||-~~~~-^^",
                                      "PO ~~-~~~~/2026",
                                      "~~~~~~~~~~",
                                      "~~~~~~~~~~~",
                                      "1.^.~",
                                      "v2.~~.^-beta.~",
                                      "10.0.19~^~.^~~~",
                                      "2026-1~-0^",
                                      "2026-10-0^T1~:0^:0^+01:00",
                                      "0^.1~.2026",
                                      "1~/0^/2026 1~:3~",
                                      "17~~~~~~~~",
                                      "17~~~~~~~~~~~",
                                      "202611021~3~0~",
                                      "````````````````````````````````",
                                      "````````````````````````````````````````````````````````````````",
                                      "````````-````-4```-8```-````````````",
                                      "^.~~~,~~ EUR",
                                      "$ ^,~~~.~~",
                                      "^ ~~~,~~ €",
                                      "-~~.~~",
                                      "0.~~~~~~~~",
                                      "^~~%",
                                      "1Z999AA1~~~~~~~~~~",
                                      "JD0146000~~~~~~~~~~~",
                                      "||~~~~~~~~~GB",
                                      "00340~~~~~~~~~~~~~~~",
                                      "94001~~~~~~~~~~~~~~~~~",
                                      "~~~~~~~~~~~~",
                                      "GA1.2.1~~~~~~~~.17~~~~~~~~",
                                      "fb.1.17~~~~~~~~~~~.1~~~~~~~~~",
                                      "EAIaIQobChMIx||~|x||ggMV||~||~~E|YASAAEgK|||D_BwE",
                                      "IwAR0|x||~|xx|x|~~x|-xx|",
                                      "ch_3^|xx|~~x|xx||~",
                                      "pi_3M|x|~~|xx||x~~",
                                      "evt_1||x~~|xx||x~~|x",
                                      "gid://shopify/Order/^~~~~~~~~~~~",
                                      "cus_||x~~||x~~||",
                                      "WH-2||32451||~233532-6797||~||~||~3714",
                                      "8||21||~DE~81814|",
                                      "wc_order_```````````",
                                      "Size ^^ / ~~.5 cm",
                                      "^^^ x ^^^ mm",
                                      "^ x ^~~ ml, ^-pack",
                                      "1~:3~ - 1~:4~",
                                      "https://shop.example/p/^^^?variant=~~~~~~~~~~~&utm_source=mail",
                                      "/collections/sale?page=^&sort=price%2Cdesc",
                                      "#``````",
                                      "EU ^^-^^",
                                      "^~~~ mAh, 1.5 V",
                                      "52.^~~~~~,13.^~~~~~",
                                      "urn:isbn:978~~~~~~~~~~",
                                      "00-````````````````````````````````-````````````````-01",
                                      "logo@2x.png",
                                      "@scope/pkg@^.~.~",
                                      "^ @ ^.~~"};
    switch (random.below(12)) {
        case 0:
        case 1:
            return campaign(random);
        case 2:
            return ean_13(random);
        default:
            return random.fill(random.of(forms));
    }
}

}  // namespace attribution::test
