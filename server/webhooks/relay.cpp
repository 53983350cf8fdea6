#include "server/webhooks/relay.hpp"

#include "server/webhooks/signature.hpp"

namespace attribution::webhooks {

namespace {

task<judgement> check(const signed_delivery& given) {
    const std::string expected = hex(hmac_sha256(given.secret, {given.request.body}));
    const std::string_view signature = given.request.header(relay_signature_header).value_or("");
    co_return judgement{equal_in_constant_time(expected, signature) ? verdict::good : verdict::wrong};
}

}  // namespace

provider relayed(const provider& from) {
    provider result = from;
    result.signature_header = relay_signature_header;
    result.further_headers = {};
    result.signature_hint =
        "This endpoint takes deliveries from a relay: X-Attribution-Signature is the HMAC-SHA256 of the "
        "exact bytes of the body in hex (small letters), with the secret that was given to `attributiond "
        "endpoint create --signature hmac`.";
    result.check = &check;
    return result;
}

}  // namespace attribution::webhooks
