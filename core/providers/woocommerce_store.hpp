// Which store an endpoint belongs to. WooCommerce numbers the orders of each store anew, so every key of it
// names the store.
#pragma once

#include <string>
#include <string_view>

namespace attribution::providers::woocommerce {

// Host (small letters, with a port that is not the scheme's own) and path of the store's URL, as part of a
// key: "shop.example.com", "example.com/de". The scheme may be left out. Empty when it is not such a URL, or
// one that no key may hold: an IP address, a user or a query in it, letters beyond ASCII, more than 100
// characters.
std::string store_of(std::string_view url);

}  // namespace attribution::providers::woocommerce
