// POST /webhooks/shopify/…?endpoint=ID: whose it is, whether Shopify signed exactly these bytes, and then
// over to ingestion. Nothing of the body is looked at before the signature holds.
#pragma once

#include <span>

#include "server/http/router.hpp"
#include "server/ingestion/gateway.hpp"
#include "server/webhooks/secret_box.hpp"

namespace attribution::webhooks {

class shopify {
  public:
    shopify(ingestion::gateway& to, const secret_box& secrets) : gateway_(to), secrets_(secrets) {}

    task<http::response> orders_create(const http::request& r);

    static std::span<const http::route> routes();

  private:
    task<http::response> receive(const http::request& r, std::string_view topic);
    task<std::shared_ptr<const ingestion::endpoint>> endpoint_of(const http::request& r);
    void require_signature(const http::request& r, const ingestion::endpoint& to) const;
    bool signed_with(std::string_view secret_ciphertext, std::string_view signature, const http::request& r,
                     const ingestion::endpoint& to) const;

    ingestion::gateway& gateway_;
    const secret_box& secrets_;
};

}  // namespace attribution::webhooks
