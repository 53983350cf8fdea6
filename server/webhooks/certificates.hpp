// X.509 certificates of those who sign webhooks: read, and judged against a trust store.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;
struct x509_store_st;

namespace attribution::webhooks {

struct free_openssl {
    void operator()(x509_st* one) const;
    void operator()(x509_store_st* one) const;
};

using certificate_list = std::vector<std::unique_ptr<x509_st, free_openssl>>;

// All certificates of a PEM text, at most 20; none when one of them cannot be read.
certificate_list read_certificates(std::string_view pem);

class trust_store {
  public:
    // The roots in a PEM file; an empty name: the system's. Throws std::runtime_error.
    explicit trust_store(const std::string& file);

    struct finding {
        std::vector<x509_st*> signers;  // of the given
        const char* reason;             // why there are none
    };

    // The certificates with exactly this common name from which a chain leads to a trusted root, all of it
    // valid now. The given ones may be part of that chain, in any order.
    finding find_signers(const certificate_list& given, std::string_view common_name,
                         std::chrono::sys_seconds now) const;

  private:
    std::unique_ptr<x509_store_st, free_openssl> roots_;
};

// Whether this is the RSA signature (PKCS #1 v1.5) over the SHA-256 of the text.
bool is_rsa_sha256_signature(x509_st& signer, std::string_view signature, std::string_view text);

}  // namespace attribution::webhooks
