#include "server/webhooks/certificates.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace attribution::webhooks {

namespace {

constexpr std::size_t most_certificates = 20;
constexpr int auth_level = 2;  // of OpenSSL: 112 bits, so no SHA-1 and no RSA key below 2,048 bits

using bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using store_context = std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>;
using digest_context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

struct free_stack {
    void operator()(STACK_OF(X509) * all) const { sk_X509_free(all); }
};

// A name that is given twice, or is written in another form, is not this one.
bool has_common_name(X509* certificate, std::string_view wanted) {
    X509_NAME* const subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return false;
    const ASN1_STRING* const name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    return std::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name)),
                            static_cast<std::size_t>(ASN1_STRING_length(name))) == wanted;
}

// nullptr when it can be trusted.
const char* distrust(X509_STORE* roots, X509* certificate, STACK_OF(X509) * others,
                     std::chrono::sys_seconds now) {
    const store_context context(X509_STORE_CTX_new(), &X509_STORE_CTX_free);
    if (!context || X509_STORE_CTX_init(context.get(), roots, certificate, others) != 1)
        throw std::bad_alloc();
    X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_auth_level(parameters, auth_level);
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_time(parameters, now.time_since_epoch().count());
    const bool good = X509_verify_cert(context.get()) == 1;
    ERR_clear_error();
    return good ? nullptr : X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

}  // namespace

void free_openssl::operator()(x509_st* one) const {
    X509_free(one);
}

void free_openssl::operator()(x509_store_st* one) const {
    X509_STORE_free(one);
}

certificate_list read_certificates(std::string_view pem) {
    const bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    if (!text) throw std::bad_alloc();
    certificate_list found;
    while (X509* const one = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
        found.emplace_back(one);
        if (found.size() > most_certificates) break;
    }
    const auto last = ERR_peek_last_error();
    const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!at_end) found.clear();
    return found;
}

trust_store::trust_store(const std::string& file) : roots_(X509_STORE_new()) {
    if (!roots_) throw std::bad_alloc();
    const bool loaded = file.empty() ? X509_STORE_set_default_paths(roots_.get()) == 1
                                     : X509_STORE_load_file(roots_.get(), file.c_str()) == 1;
    ERR_clear_error();
    if (!loaded) throw std::runtime_error("no certificates can be read from it");
}

trust_store::finding trust_store::find_signers(const certificate_list& given, std::string_view common_name,
                                               std::chrono::sys_seconds now) const {
    const std::unique_ptr<STACK_OF(X509), free_stack> others(sk_X509_new_null());
    if (!others) throw std::bad_alloc();
    for (const auto& one : given)
        if (sk_X509_push(others.get(), one.get()) == 0) throw std::bad_alloc();
    finding found{{}, "no certificate has the name of the signer"};
    for (const auto& one : given) {
        if (!has_common_name(one.get(), common_name)) continue;
        if (const char* const reason = distrust(roots_.get(), one.get(), others.get(), now))
            found.reason = reason;
        else
            found.signers.push_back(one.get());
    }
    return found;
}

bool is_rsa_sha256_signature(x509_st& signer, std::string_view signature, std::string_view text) {
    EVP_PKEY* const key = X509_get0_pubkey(&signer);
    if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return false;
    const digest_context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const auto* const bytes = reinterpret_cast<const unsigned char*>(signature.data());
    const bool good = context &&
                      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
                      EVP_DigestVerify(context.get(), bytes, signature.size(),
                                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace attribution::webhooks
