#include "server/docs/docs.hpp"

#include <sodium.h>

#include <array>

#include "server/docs/embedded.hpp"
#include "server/docs/selection.hpp"
#include "server/http/etag.hpp"

namespace attribution::docs {

namespace {

constexpr std::array routes_of_docs{
    http::route{"GET", "/openapi.json", http::member<&docs::show_document>},
    http::route{"GET", "/docs", http::member<&docs::show_page>},
};

std::string sha256_base64(std::string_view text) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
    constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
    std::string encoded(sodium_base64_encoded_len(digest.size(), variant), '\0');
    sodium_bin2base64(encoded.data(), encoded.size(), digest.data(), digest.size(), variant);
    encoded.pop_back();  // the closing zero
    return encoded;
}

// The page may use its own style, and nothing else: no script, no image, no font, no request.
std::string policy_of(std::string_view page) {
    constexpr std::string_view opening = "<style>";
    const std::size_t begin = page.find(opening) + opening.size();
    const std::string_view style = page.substr(begin, page.find("</style>", begin) - begin);
    return "default-src 'none'; style-src 'sha256-" + sha256_base64(style) +
           "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

// Another server at this address may run other services, or another version: it is asked for each time.
http::response revalidated(std::string content_type, const std::string& body) {
    http::response reply;
    reply.content_type = std::move(content_type);
    reply.body = body;
    reply.fields.emplace_back("Cache-Control", "no-cache");
    return reply;
}

}  // namespace

std::span<const http::route> docs::routes() {
    return routes_of_docs;
}

docs::docs(std::vector<std::string> services) {
    services.emplace_back("docs");
    document_ = select_document(openapi_json, services);
    document_etag_ = http::weak_etag(document_);
    page_ = select_page(page_html, services);
    page_etag_ = http::weak_etag(page_);
    page_policy_ = policy_of(page_);
}

task<http::response> docs::show_document(const http::request& r) {
    co_return http::unless_known(r, revalidated("application/json", document_), document_etag_);
}

task<http::response> docs::show_page(const http::request& r) {
    http::response reply = revalidated("text/html; charset=utf-8", page_);
    reply.fields.emplace_back("Content-Security-Policy", page_policy_);
    reply.fields.emplace_back("Referrer-Policy", "no-referrer");
    co_return http::unless_known(r, std::move(reply), page_etag_);
}

}  // namespace attribution::docs
