#include "server/webhooks/paypal.hpp"

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "core/providers/event.hpp"
#include "core/providers/timestamp.hpp"
#include "server/http/log.hpp"
#include "server/webhooks/certificate_source.hpp"
#include "server/webhooks/signature.hpp"

namespace attribution::webhooks {

namespace {

constexpr std::string_view signature_header = "PAYPAL-TRANSMISSION-SIG";
constexpr std::string_view id_header = "PAYPAL-TRANSMISSION-ID";
constexpr std::string_view time_header = "PAYPAL-TRANSMISSION-TIME";
constexpr std::string_view url_header = "PAYPAL-CERT-URL";
constexpr std::string_view algorithm_header = "PAYPAL-AUTH-ALGO";
constexpr auto further_headers =
    std::to_array<std::string_view>({id_header, time_header, url_header, algorithm_header});

constexpr std::string_view algorithm = "SHA256withRSA";
constexpr std::string_view certificate_folder = "/v1/notifications/certs/";
constexpr std::string_view simulator_webhook_id = "WEBHOOK_ID";
constexpr std::string_view id_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t longest_id = 100;

constexpr auto topic_paths = std::to_array<std::string_view>({
    "/webhooks/paypal/payment/sale/completed",
    "/webhooks/paypal/payment/sale/pending",
    "/webhooks/paypal/payment/sale/denied",
    "/webhooks/paypal/payment/sale/refunded",
    "/webhooks/paypal/payment/sale/reversed",
    "/webhooks/paypal/payment/capture/completed",
    "/webhooks/paypal/payment/capture/pending",
    "/webhooks/paypal/payment/capture/denied",
    "/webhooks/paypal/payment/capture/refunded",
    "/webhooks/paypal/payment/capture/reversed",
    "/webhooks/paypal/customer/dispute/created",
    "/webhooks/paypal/customer/dispute/updated",
    "/webhooks/paypal/customer/dispute/resolved",
});

bool is_plain_id(std::string_view text) {
    return !text.empty() && text.size() <= longest_id &&
           text.find_first_not_of(id_characters) == std::string_view::npos;
}

// What a delivery says of its signature, each in its form.
struct transmission {
    std::string_view id;
    std::string_view time;
    std::string_view certificate_url;
    paypal_site site = paypal_site::none;
    std::string signature{};  // bytes
    std::string_view flaw{};  // what is not in its form; empty: nothing
};

transmission read_transmission(const http::request& r) {
    const auto header = [&r](std::string_view name) { return r.header(name).value_or(""); };
    transmission read{
        .id = header(id_header), .time = header(time_header), .certificate_url = header(url_header)};
    read.site = read_certificate_url(read.certificate_url);
    auto signature = from_base64(header(signature_header));
    if (header(algorithm_header) != algorithm)
        read.flaw = "The header PAYPAL-AUTH-ALGO is not SHA256withRSA.";
    else if (!providers::is_key(read.id) || !providers::is_timestamp(read.time))
        read.flaw = "The headers PAYPAL-TRANSMISSION-ID and PAYPAL-TRANSMISSION-TIME do not have their form.";
    else if (read.site == paypal_site::none)
        read.flaw = "The header PAYPAL-CERT-URL does not name a certificate of PayPal.";
    else if (!signature)
        read.flaw = "The header PAYPAL-TRANSMISSION-SIG is not base64.";
    else
        read.signature = std::move(*signature);
    return read;
}

std::string signed_text(const transmission& of, std::string_view webhook_id, std::string_view body) {
    boost::crc_32_type crc;
    crc.process_bytes(body.data(), body.size());
    std::string text(of.id);
    text.append("|").append(of.time).append("|").append(webhook_id).append("|");
    return text.append(std::to_string(crc.checksum()));
}

task<judgement> check(const signed_delivery& given) {
    const transmission read = read_transmission(given.request);
    if (!read.flaw.empty()) co_return judgement{.found = verdict::malformed, .detail = read.flaw};
    // Everybody can have PayPal's simulator sign with it.
    if (given.secret == simulator_webhook_id) co_return judgement{verdict::wrong};

    const bool is_live = read.site == paypal_site::live;
    const auto certificates = co_await given.certificates->at(read.certificate_url);
    const auto [signers, reason] = given.certificates->trust().find_signers(
        *certificates,
        is_live ? "messageverificationcerts.paypal.com" : "messageverificationcerts.sandbox.paypal.com",
        given.now);
    if (signers.empty()) {
        given.certificates->forget(read.certificate_url);
        log::write(log::level::warn, "certificate_refused", "correlation_id", given.request.correlation_id,
                   "reason", reason);
        co_return judgement{.found = verdict::malformed,
                            .detail = "The certificate of the signature cannot be trusted."};
    }
    const std::string text = signed_text(read, given.secret, given.request.body);
    const bool is_genuine = std::any_of(signers.begin(), signers.end(), [&](x509_st* signer) {
        return is_rsa_sha256_signature(*signer, read.signature, text);
    });
    if (!is_genuine) co_return judgement{verdict::wrong};
    co_return judgement{verdict::good, !is_live, std::string(read.id), {}};
}

}  // namespace

paypal_site read_certificate_url(std::string_view url) {
    const auto read = boost::urls::parse_uri(url);
    if (!read || read->scheme() != "https" || read->has_userinfo() || read->has_port() || read->has_query() ||
        read->has_fragment())
        return paypal_site::none;
    // As they are written: nothing is decoded or folded, so neither is what would be fetched.
    const std::string_view host = read->encoded_host();
    const std::string_view path = read->encoded_path();
    const bool is_file =
        path.starts_with(certificate_folder) && is_plain_id(path.substr(certificate_folder.size()));
    if (!url.starts_with("https://") || !is_file) return paypal_site::none;
    if (host == "api.paypal.com") return paypal_site::live;
    return host == "api.sandbox.paypal.com" ? paypal_site::sandbox : paypal_site::none;
}

constinit const provider paypal{
    .name = "paypal",
    .title = "PayPal",
    .topic_paths = topic_paths,
    .topic_separator = '.',
    .signature_header = signature_header,
    .further_headers = further_headers,
    .topic_header = {},
    .key_header = {},
    .account_header = {},
    .signature_hint =
        "PAYPAL-TRANSMISSION-SIG is base64 of the RSA signature with SHA-256 over ID|TIME|WEBHOOK-ID|CRC32, "
        "with the webhook id that PayPal shows, which was given to `attributiond endpoint create` as the "
        "secret, and the CRC-32 of the exact bytes of the body. The certificate at PAYPAL-CERT-URL is "
        "PayPal's own and valid. The simulator's deliveries are not taken.",
    .check = &check,
};

}  // namespace attribution::webhooks
