#include "core/pii/keys.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/pii/text.hpp"

namespace attribution::pii {

namespace {

// All names are written as normalise() leaves them: small letters and digits only.

// Personal as the whole name. Among them every field of a Shopify order that holds personal data or opens a
// page which shows it.
constexpr auto exact_names = std::to_array<std::string_view>({
    "additionalname",
    "bankaccount",
    "billing",
    "billingdetails",
    "birthdate",
    "birthday",
    "birthplace",
    "browserip",
    "buyer",
    "cardholder",
    "cardnumber",
    "city",
    "clientdetails",
    "clientip",
    "collectedinformation",
    "company",
    "companyname",
    "contact",
    "coordinates",
    "creditcard",
    "creditcardnumber",
    "customer",
    "customerdetails",
    "customerid",
    "customernote",
    "customfields",
    "cvc",
    "cvv",
    "dateofbirth",
    "deviceid",
    "displayname",
    "dob",
    "fax",
    "gender",
    "geolocation",
    "iban",
    "ip",
    "ipv4",
    "ipv6",
    "landingsite",
    "landingsiteref",
    "lat",
    "latitude",
    "line1",
    "line2",
    "lng",
    "lon",
    "longitude",
    "maidenname",
    "mobile",
    "msisdn",
    "multipassidentifier",
    "name",
    "nationalid",
    "note",
    "noteattributes",
    "notes",
    "notetopayer",
    "orderkey",
    "orderstatusurl",
    "pan",
    "passport",
    "passportnumber",
    "payee",
    "payer",
    "paymentdetails",
    "paymenturl",
    "personalid",
    "properties",
    "province",
    "provincecode",
    "receipturl",
    "recipient",
    "referringsite",
    "remoteip",
    "salutation",
    "shipping",
    "shippingdetails",
    "socialsecuritynumber",
    "sourceurl",
    "ssn",
    "staffnote",
    "statusurl",
    "street",
    "tags",
    "taxid",
    "tel",
    "userid",
    "vatid",
    "vatnumber",
    "whatsapp",
    "zip",
});

// Personal at the end of any name: customer_email, shippingFirstName, cart_token.
constexpr auto suffixes = std::to_array<std::string_view>({
    "accountholder", "accountnumber", "address",      "address1",       "address2",  "address3",
    "addresses",     "addressline1",  "addressline2", "cardholdername", "email",     "emailaddress",
    "emails",        "familyname",    "firstname",    "fullname",       "givenname", "housenumber",
    "ipaddress",     "lastname",      "middlename",   "mobilenumber",   "nickname",  "password",
    "phone",         "phonenumber",   "phones",       "postalcode",     "postcode",  "secret",
    "streetname",    "surname",       "telephone",    "token",          "useragent", "username",
    "zipcode",
});

// Personal when they stand before "name", "city" or "zip": billing_name, shippingCity.
constexpr auto name_owners = std::to_array<std::string_view>({
    "billing",
    "buyer",
    "client",
    "company",
    "contact",
    "customer",
    "holder",
    "legal",
    "owner",
    "payee",
    "payer",
    "person",
    "receiver",
    "recipient",
    "sender",
    "shipping",
    "staff",
    "user",
});

// End like a personal name, but are something else.
constexpr auto harmless = std::to_array<std::string_view>({
    "headphone",
    "iphone",
    "microphone",
    "smartphone",
    "verifiedemail",
});

template <std::size_t N>
constexpr bool contains(const std::array<std::string_view, N>& names, std::string_view wanted) {
    return std::find(names.begin(), names.end(), wanted) != names.end();
}

static_assert(std::is_sorted(exact_names.begin(), exact_names.end()));

std::string normalise(std::string_view key) {
    const bool ascii =
        std::all_of(key.begin(), key.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    std::string result;
    for (const char c : ascii ? std::string(key) : fold_lookalikes(key)) {
        if (c >= 'A' && c <= 'Z')
            result += static_cast<char>(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            result += c;
    }
    return result;
}

bool belongs_to_a_person(std::string_view name) {
    const std::size_t what = name.ends_with("name") || name.ends_with("city") ? 4
                             : name.ends_with("zip")                          ? 3
                                                                              : 0;
    if (what == 0) return false;
    name.remove_suffix(what);
    return std::any_of(name_owners.begin(), name_owners.end(),
                       [name](std::string_view owner) { return name.ends_with(owner); });
}

// "ip" as a word at the end of a name: client_ip, purchaseIp, but not membership.
bool ends_with_ip(std::string_view key) {
    static constexpr auto endings =
        std::to_array<std::string_view>({"_ip", "_IP", "-ip", "-IP", " ip", " IP"});
    if (key.empty() || (key.back() != 'p' && key.back() != 'P')) return false;
    const bool is_camel = (key.ends_with("Ip") || key.ends_with("IP")) && key.size() > 2 &&
                          key[key.size() - 3] >= 'a' && key[key.size() - 3] <= 'z';
    return is_camel || std::any_of(endings.begin(), endings.end(),
                                   [key](std::string_view ending) { return key.ends_with(ending); });
}

}  // namespace

bool is_personal_key(std::string_view key) {
    if (ends_with_ip(key)) return true;
    const std::string name = normalise(key);
    if (std::binary_search(exact_names.begin(), exact_names.end(), std::string_view{name})) return true;
    if (contains(harmless, name)) return false;
    return std::any_of(suffixes.begin(), suffixes.end(),
                       [&name](std::string_view suffix) { return name.ends_with(suffix); }) ||
           belongs_to_a_person(name);
}

bool is_id_name(std::string_view name) noexcept {
    static constexpr auto names =
        std::to_array<std::string_view>({"id", "Id", "ID", "ids", "key", "parent", "digest"});
    static constexpr auto endings =
        std::to_array<std::string_view>({"_id", "_ids", "_ID", "_key", "_ref", "-id"});
    if (contains(names, name)) return true;
    const std::size_t camel = name.ends_with("Id") ? 2 : name.ends_with("Ids") ? 3 : 0;
    const char before = camel > 0 && name.size() > camel ? name[name.size() - camel - 1] : ' ';
    const bool is_camel = (before >= 'a' && before <= 'z') || (before >= '0' && before <= '9');
    return is_camel || std::any_of(endings.begin(), endings.end(),
                                   [name](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace attribution::pii
