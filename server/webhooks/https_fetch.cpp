#include "server/webhooks/https_fetch.hpp"

#include <curl/curl.h>

#include <memory>

namespace attribution::webhooks {

namespace {

constexpr long longest_connecting = 3'000;  // milliseconds
constexpr long longest_fetch = 5'000;
constexpr std::size_t largest_body = std::size_t{64} * 1024;

std::size_t take(char* bytes, std::size_t, std::size_t count, void* into) {
    std::string& body = *static_cast<std::string*>(into);
    if (body.size() + count > largest_body) return 0;  // ends the transfer
    body.append(bytes, count);
    return count;
}

}  // namespace

https_answer fetch_https(const std::string& url, const std::string& trusted_file) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> transfer(curl_easy_init(), &curl_easy_cleanup);
    https_answer answer;
    if (ready != CURLE_OK || !transfer) {
        answer.error = "libcurl is not available";
        return answer;
    }
    answer.body.reserve(largest_body);  // so that take() does not throw through libcurl
    CURL* const t = transfer.get();
    curl_easy_setopt(t, CURLOPT_URL, url.c_str());
    curl_easy_setopt(t, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(t, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(t, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t, CURLOPT_CONNECTTIMEOUT_MS, longest_connecting);
    curl_easy_setopt(t, CURLOPT_TIMEOUT_MS, longest_fetch);
    curl_easy_setopt(t, CURLOPT_USERAGENT, "attributiond");
    curl_easy_setopt(t, CURLOPT_WRITEFUNCTION, &take);
    curl_easy_setopt(t, CURLOPT_WRITEDATA, &answer.body);
    if (!trusted_file.empty()) {
        curl_easy_setopt(t, CURLOPT_CAINFO, trusted_file.c_str());
        curl_easy_setopt(t, CURLOPT_CAPATH, nullptr);
    }
    const CURLcode done = curl_easy_perform(t);
    if (done == CURLE_OK)
        curl_easy_getinfo(t, CURLINFO_RESPONSE_CODE, &answer.status);
    else
        answer.error = curl_easy_strerror(done);
    return answer;
}

}  // namespace attribution::webhooks
