#include "server/webhooks/certificate_source.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "server/http/log.hpp"
#include "server/http/problem.hpp"
#include "server/webhooks/https_fetch.hpp"

namespace attribution::webhooks {

namespace {

namespace asio = boost::asio;

constexpr std::size_t most_known = 50;      // a provider uses a few at a time
constexpr std::size_t most_under_way = 10;  // so that nobody can have us fetch without end
constexpr int retry_after_seconds = 10;

http::problem cannot_be_had() {
    return http::unavailable("The certificate of the signature cannot be fetched at the moment.",
                             retry_after_seconds);
}

certificate_source::certificates read_file(const std::string& name) {
    if (name.empty()) return nullptr;
    std::ifstream file(name, std::ios::binary);
    const std::string pem{std::istreambuf_iterator<char>(file), {}};
    auto found = std::make_shared<certificate_list>(read_certificates(pem));
    if (found->empty()) throw std::runtime_error("no certificates can be read from " + name);
    return found;
}

// OpenSSL honours the variable by itself, libcurl does not.
std::string file_of_roots(const std::string& configured) {
    if (!configured.empty()) return configured;
    const char* const from_environment = std::getenv("SSL_CERT_FILE");  // NOLINT(concurrency-mt-unsafe)
    return from_environment == nullptr ? std::string() : std::string(from_environment);
}

}  // namespace

certificate_source::certificate_source(asio::thread_pool& workers, const certificate_options& options)
    : worker_(asio::make_strand(workers.get_executor())),
      trusted_file_(file_of_roots(options.trusted_file)),
      trust_(trusted_file_),
      pinned_(read_file(options.pinned_file)) {}

task<certificate_source::certificates> certificate_source::at(std::string_view url) {
    if (pinned_) co_return pinned_;
    if (const auto known = known_.find(url); known != known_.end()) co_return known->second;
    const auto running = under_way_.find(url);
    if (running == under_way_.end()) co_return co_await fetch_and_tell(std::string(url));

    const std::shared_ptr<fetch> joined = running->second;
    const auto told = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor,
                                                           asio::steady_timer::time_point::max());
    joined->waiting.push_back(told);
    boost::system::error_code cancelled;
    co_await told->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (!joined->found) throw cannot_be_had();
    co_return joined->found;
}

void certificate_source::forget(std::string_view url) {
    if (const auto known = known_.find(url); known != known_.end()) known_.erase(known);
}

task<certificate_source::certificates> certificate_source::fetch_and_tell(std::string url) {
    if (under_way_.size() >= most_under_way) throw cannot_be_had();
    const auto one = std::make_shared<fetch>();
    under_way_.emplace(url, one);
    // Also when this request is given up: the others must not wait for ever.
    const std::shared_ptr<void> at_the_end(nullptr, [this, one, url](void*) {
        under_way_.erase(url);
        for (const auto& waiting : one->waiting) waiting->cancel();
    });
    one->found = co_await fetch_on_worker(url);
    if (!one->found) throw cannot_be_had();
    remember(url, one->found);
    co_return one->found;
}

task<certificate_source::certificates> certificate_source::fetch_on_worker(std::string url) {
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(worker_, asio::bind_executor(worker_, asio::use_awaitable));
    const https_answer answer = fetch_https(url, trusted_file_);
    co_await asio::post(executor, asio::use_awaitable);
    auto found = std::make_shared<certificate_list>();
    if (answer.status == 200) *found = read_certificates(answer.body);
    if (!found->empty()) co_return found;
    log::write(log::level::warn, "certificate_not_fetched", "status", answer.status, "reason",
               answer.status == 200 ? "the answer is no certificate" : answer.error);
    co_return nullptr;
}

void certificate_source::remember(const std::string& url, certificates found) {
    if (known_.size() >= most_known) known_.clear();
    known_.insert_or_assign(url, std::move(found));
}

}  // namespace attribution::webhooks
