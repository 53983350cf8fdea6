// The certificates that a URL names: fetched once and remembered, or read from a file instead.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/types.hpp"
#include "server/webhooks/certificates.hpp"

namespace attribution::webhooks {

struct certificate_options {
    std::string trusted_file;  // PEM file of trusted roots; empty: the system's
    std::string pinned_file;   // PEM file with the signers' certificates; then nothing is fetched
};

class certificate_source {
  public:
    using certificates = std::shared_ptr<const certificate_list>;

    // Throws std::runtime_error when a file cannot be read. Fetching blocks one of the workers at a time.
    certificate_source(boost::asio::thread_pool& workers, const certificate_options& options);

    // What is at the URL. Requests for one URL are joined. Throws http::problem 503 when it cannot be had.
    task<certificates> at(std::string_view url);

    // What was fetched from there is no use: the next request fetches it again.
    void forget(std::string_view url);

    const trust_store& trust() const { return trust_; }

  private:
    // Of one URL, while it is under way.
    struct fetch {
        std::vector<std::shared_ptr<boost::asio::steady_timer>> waiting;
        certificates found;  // nullptr: nothing yet, or in vain
    };

    task<certificates> fetch_and_tell(std::string url);
    task<certificates> fetch_on_worker(std::string url);
    void remember(const std::string& url, certificates found);

    boost::asio::strand<boost::asio::thread_pool::executor_type> worker_;
    std::string trusted_file_;
    trust_store trust_;
    certificates pinned_;
    std::map<std::string, certificates, std::less<>> known_;
    std::map<std::string, std::shared_ptr<fetch>, std::less<>> under_way_;
};

}  // namespace attribution::webhooks
