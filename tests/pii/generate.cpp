// Bodies with fields that no provider has: names and nesting are random, values come in texts of many
// languages and in the encodings that they meet on their way through forms, links and shops.
#include <array>
#include <set>

#include "core/json/writer.hpp"
#include "tests/pii/corpus.hpp"
#include "tests/pii/generate_values.hpp"

namespace attribution::test {

namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

// --- encodings

std::string percent_encode(dice& random, std::string_view text, bool all) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '.' || c == '-';
        if (plain && !all && !random.one_in(12)) {
            result += c;
        } else {
            result += '%';
            result += hex_digits[byte >> 4];
            result += hex_digits[byte & 15];
        }
    }
    return result;
}

void append_utf8(std::string& to, char32_t code) {
    if (code < 0x800) {
        to += static_cast<char>(0xC0 | (code >> 6));
    } else {
        to += static_cast<char>(0xE0 | (code >> 12));
        to += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    }
    to += static_cast<char>(0x80 | (code & 0x3F));
}

std::string full_width(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c > ' ' && c <= '~')
            append_utf8(result, 0xFF00 + static_cast<char32_t>(c - ' '));
        else
            result += c;
    }
    return result;
}

std::string other_digits(dice& random, std::string_view text) {
    static constexpr char32_t zeros[] = {0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0x0BE6, 0x1040, 0x17E0};
    const char32_t zero = random.of(zeros);
    std::string result;
    for (const char c : text) {
        if (c >= '0' && c <= '9')
            append_utf8(result, zero + static_cast<char32_t>(c - '0'));
        else
            result += c;
    }
    return result;
}

std::string with_invisible(dice& random, std::string_view text) {
    static constexpr char32_t characters[] = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x200E};
    std::string result;
    for (const char c : text) {
        result += c;
        if (static_cast<signed char>(c) >= 0 && random.one_in(4)) append_utf8(result, random.of(characters));
    }
    return result;
}

std::string with_other_blanks(dice& random, std::string_view text) {
    static constexpr char32_t blanks[] = {0x00A0, 0x2009, 0x202F, 0x3000};
    static constexpr char32_t hyphens[] = {0x2010, 0x2011, 0x2013, 0x2212};
    std::string result;
    for (const char c : text) {
        if (c == ' ')
            append_utf8(result, random.of(blanks));
        else if (c == '-')
            append_utf8(result, random.of(hyphens));
        else
            result += c;
    }
    return result;
}

bool is_ascii(std::string_view text) {
    for (const char c : text)
        if (static_cast<signed char>(c) < 0) return false;
    return true;
}

std::string encoded(dice& random, pii::kind what, const std::string& text) {
    switch (random.below(9)) {
        case 0: {
            std::string result = percent_encode(random, text, random.one_in(4));
            for (std::size_t more = random.below(4); more > 0; --more)
                result = percent_encode(random, result, false);
            return result;
        }
        case 1:
            return is_ascii(text) ? full_width(text) : text;
        // Letters have no forms in other scripts, and an address in such digits would be another address.
        case 2:
            return what == pii::kind::email || what == pii::kind::iban ? text : other_digits(random, text);
        case 3:
            return with_invisible(random, text);
        case 4:
            return what == pii::kind::email ? text : with_other_blanks(random, text);
        default:
            return text;
    }
}

// --- texts around a value

std::string in_text(dice& random, pii::kind what, const std::string& value) {
    static constexpr std::array<std::string_view, 2> sentences[] = {
        {"please use ", " from now on"},
        {"Bitte ", " verwenden, danke!"},
        {"(", ")"},
        {"contacter ", ", merci"},
        {"Клиент: ", "; заказ 12"},
        {"お客様：", "、よろしく"},
        {"cliente <", ">"},
        {"\"", "\""},
        {"اتصل ", " شكرا"},
        {"x=", "&y=1"},
        {"ref: ", "."},
        {"note [", "]"},
        {"{\"v\":\"", "\"}"},
        {"https://shop.example/a?v=", "&utm_source=mail"}};
    if (random.one_in(2)) return encoded(random, what, value);
    const auto& around = random.of(sentences);
    const bool in_link = around[0].ends_with("v=") || around[0] == "x=";
    const std::string inner = in_link ? percent_encode(random, value, false) : encoded(random, what, value);
    return std::string(around[0]) + inner + std::string(around[1]);
}

// --- names of members

std::string harmless_name(dice& random) {
    static constexpr std::string_view words[] = {
        "extra",   "bemerkung", "feld",     "opmerking", "kommentti", "uwagi", "メモ",  "поле",
        "data",    "attribut",  "custom_7", "q1",        "answer",    "line",  "inner", "payload",
        "detalle", "valor",     "info",     "block",     "हिन्दी",     "wert"};
    return std::string(random.of(words)) + "_" + random.letters("bdfgkmrz", 3);
}

std::string id_name(dice& random) {
    static constexpr std::string_view words[] = {"order",       "checkout", "parcel", "source",
                                                 "transaction", "line",     "app",    "variant"};
    static constexpr std::string_view endings[] = {"_id", "Id", "_key", "_ids", "_ref", "Ids"};
    return std::string(random.of(words)) + std::to_string(random.below(100)) +
           std::string(random.of(endings));
}

std::string in_style(dice& random, std::string_view snake) {
    const std::size_t style = random.below(4);  // snake_case, camelCase, kebab-case, CAPITALS
    std::string result;
    bool capital = false;
    for (const char c : snake) {
        if (c == '_') {
            capital = style == 1;
            if (style != 1) result += style == 2 ? '-' : '_';
        } else {
            const bool big = (capital || style == 3) && c >= 'a' && c <= 'z';
            result += big ? static_cast<char>(c - 'a' + 'A') : c;
            capital = false;
        }
    }
    return result;
}

std::string personal_name(dice& random) {
    static constexpr std::string_view owners[] = {"",          "",       "billing_",        "shipping_",
                                                  "customer_", "buyer_", "gift_recipient_", "alt_"};
    static constexpr std::string_view what[] = {
        "email",        "email_address", "first_name",     "last_name",   "full_name", "phone",
        "phone_number", "address1",      "address_line_1", "street_name", "postcode",  "postal_code",
        "zip_code",     "password",      "access_token",   "ip_address",  "user_agent"};
    return in_style(random, std::string(random.of(owners)) + std::string(random.of(what)));
}

// --- bodies

class generator {
  public:
    explicit generator(std::uint64_t seed) : random_(seed) {}

    std::string body() {
        write_object(0);
        return std::move(out_).text();
    }

  private:
    // No name twice.
    std::string fresh(std::string (*make)(dice&)) {
        std::string name = make(random_);
        while (!names_.insert(name).second) name = make(random_);
        return name;
    }

    void write_object(int depth) {  // NOLINT(misc-no-recursion)
        out_.begin_object();
        for (std::size_t members = random_.between(4, 8); members > 0; --members) {
            if (random_.one_in(6)) {
                out_.key("*" + fresh(personal_name));
                write_harmless();
            } else if (random_.one_in(7)) {
                out_.key(fresh(id_name));
                write_ids();
            } else {
                out_.key(fresh(harmless_name));
                write_value(depth);
            }
        }
        out_.end_object();
    }

    // Ids pass the check of a card by chance.
    void write_ids() {
        if (random_.one_in(2)) {
            write_string(luhn_id(random_));
        } else {
            out_.begin_array();
            for (std::size_t ids = random_.between(1, 3); ids > 0; --ids) write_string(luhn_id(random_));
            out_.end_array();
        }
    }

    void write_value(int depth) {  // NOLINT(misc-no-recursion)
        const std::size_t choice = random_.below(10);
        if (choice == 0 && depth < 5) {
            write_object(depth + 1);
        } else if (choice == 1 && depth < 5) {
            out_.begin_array();
            for (std::size_t elements = random_.between(1, 4); elements > 0; --elements)
                write_value(depth + 1);
            out_.end_array();
        } else if (choice < 6) {
            write_personal();
        } else {
            write_harmless();
        }
    }

    void write_personal() {
        static constexpr pii::kind kinds[] = {pii::kind::email, pii::kind::phone, pii::kind::card,
                                              pii::kind::iban,  pii::kind::ip,    pii::kind::ssn};
        const pii::kind what = random_.of(kinds);
        out_.begin_object().key("!" + std::string(pii::name(what)));
        write_string(in_text(random_, what, personal_value(random_, what)));
        out_.end_object();
    }

    void write_harmless() {
        std::string text = harmless_value(random_);
        if (random_.one_in(8)) text = percent_encode(random_, text, false);
        write_string(text);
    }

    // As some senders do, with \u where JSON does not need it.
    void write_string(const std::string& text) {
        if (!is_ascii(text) || text.find_first_of("\"\\") != std::string::npos || !random_.one_in(6)) {
            out_.string(text);
            return;
        }
        std::string quoted = "\"";
        for (const char c : text) {
            if (random_.one_in(3)) {
                quoted += "\\u00";
                quoted += hex_digits[static_cast<unsigned char>(c) >> 4];
                quoted += hex_digits[static_cast<unsigned char>(c) & 15];
            } else {
                quoted += c;
            }
        }
        out_.raw(quoted + "\"");
    }

    dice random_;
    json::writer out_;
    std::set<std::string> names_;
};

}  // namespace

std::string generate_labelled(std::uint64_t seed) {
    return generator(seed).body();
}

}  // namespace attribution::test
