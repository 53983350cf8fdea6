// One small file by HTTPS. No redirects; the proxy is that of the environment (HTTPS_PROXY, NO_PROXY).
#pragma once

#include <string>

namespace attribution::webhooks {

struct https_answer {
    long status = 0;  // 0: there was no whole answer in time
    std::string body;
    std::string error;  // why not, in libcurl's words
};

// Blocks, for 5 seconds at most. trusted_file: PEM file of trusted roots; empty: the system's.
https_answer fetch_https(const std::string& url, const std::string& trusted_file);

}  // namespace attribution::webhooks
