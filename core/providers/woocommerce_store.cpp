#include "core/providers/woocommerce_store.hpp"

#include "core/channels/glob.hpp"
#include "core/pii/detect.hpp"
#include "core/providers/event.hpp"

namespace attribution::providers::woocommerce {

namespace {

constexpr std::size_t longest_store = 100;  // leaves room for the other parts of a key

struct scheme {
    std::string_view prefix;
    std::string_view port;
};
constexpr scheme schemes[] = {{"https://", ":443"}, {"http://", ":80"}};

bool consists_of(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_host(std::string_view host) {
    const std::size_t colon = host.find(':');
    if (colon != std::string_view::npos) {
        const std::string_view port = host.substr(colon + 1);
        if (port.empty() || !consists_of(port, "0123456789")) return false;
    }
    return consists_of(host.substr(0, colon), "abcdefghijklmnopqrstuvwxyz0123456789.-");
}

}  // namespace

std::string store_of(std::string_view url) {
    std::string_view default_port;
    for (const auto& [prefix, port] : schemes) {
        if (channels::to_lower(url.substr(0, prefix.size())) != prefix) continue;
        url.remove_prefix(prefix.size());
        default_port = port;
        break;
    }
    const std::size_t slash = url.find('/');
    std::string host = channels::to_lower(url.substr(0, slash));
    if (!default_port.empty() && host.ends_with(default_port)) host.resize(host.size() - default_port.size());
    std::string_view path = slash == std::string_view::npos ? std::string_view{} : url.substr(slash);
    while (path.ends_with('/')) path.remove_suffix(1);

    const std::string store = host + std::string(path);
    const bool usable = is_host(host) && is_key(store) && store.size() <= longest_store &&
                        path.find_first_of(":#") == std::string_view::npos &&
                        !pii::find(store, pii::meaning::id);
    return usable ? store : std::string{};
}

}  // namespace attribution::providers::woocommerce
