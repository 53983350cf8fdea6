// PayPal: PAYPAL-TRANSMISSION-SIG is base64(RSA-SHA256(id|time|webhook id|crc32)), where the webhook id
// stands in place of a secret, crc32 is that of the body, and the certificate is at PAYPAL-CERT-URL. The body
// names topic and delivery. https://developer.paypal.com/api/rest/webhooks/rest/#link-selfverification
#pragma once

#include <string_view>

#include "server/webhooks/provider.hpp"

namespace attribution::webhooks {

extern const provider paypal;

// Whose certificate a URL names.
enum class paypal_site : std::uint8_t { none, live, sandbox };

// Only PayPal's own two hosts, over https, and a plain file in the folder of certificates; whatever else a
// URL can be written as is `none`. Who could choose the URL could choose the key.
paypal_site read_certificate_url(std::string_view url);

}  // namespace attribution::webhooks
