// POST /webhooks/PROVIDER/TOPIC?endpoint=ID: whose it is, whether the provider signed exactly these bytes,
// and then over to ingestion. Nothing of the body is looked at before the signature holds.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/http/problem.hpp"
#include "server/http/router.hpp"
#include "server/ingestion/gateway.hpp"
#include "server/webhooks/provider.hpp"
#include "server/webhooks/secret_box.hpp"

namespace attribution::webhooks {

class receiver {
  public:
    receiver(const provider& from, ingestion::gateway& to, const secret_box& secrets,
             certificate_source& certificates);
    receiver(const receiver&) = delete;
    receiver& operator=(const receiver&) = delete;

    // The topics' paths, the bare path and any other below it. Must outlive the router.
    void mount_on(http::router& router);

    // By the head alone, before the body is waited for: 400, 401 without a signature (unless it may be the
    // provider's ping), 404. The body may be as long as the server allows, and whoever has no endpoint here
    // shall not make it keep that much.
    task<void> admit(const http::request& head);

    task<http::response> receive(const http::request& r);

  private:
    bool fits_ping(const http::request& head) const;
    std::string topic_of(const http::request& r) const;
    task<std::shared_ptr<const ingestion::endpoint>> endpoint_of(const http::request& r);
    task<judgement> require_signature(const http::request& r, const ingestion::endpoint& to) const;
    task<judgement> check_with(std::string_view secret_ciphertext, const http::request& r,
                               const ingestion::endpoint& to) const;
    std::string secret_of(std::string_view ciphertext, const http::request& r,
                          const ingestion::endpoint& to) const;
    static void require_headers(const provider& signer, const http::request& r);
    const provider& signer_for(const ingestion::endpoint& to) const;
    static http::problem unsigned_problem(const provider& signer, std::string detail,
                                          std::string_view hint = {});
    void note_other_account(const http::request& r, const ingestion::endpoint& to) const;

    const provider& provider_;
    const provider relayed_;  // the same by way of a relay
    ingestion::gateway& gateway_;
    const secret_box& secrets_;
    certificate_source& certificates_;
    std::string bare_path_;  // "/webhooks/shopify"
    std::string any_topic_;  // "/webhooks/shopify/*"
};

}  // namespace attribution::webhooks
