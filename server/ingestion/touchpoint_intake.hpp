// POST /api/ingest/touchpoints: visits that a shop's page reports from the browser, with a publishable key.
//
// All that such a key can do. A page of another origin than the key's, too many from one key or one client,
// and anything but a touchpoint is refused, and nothing of it is stored. Of the client itself nothing is
// kept: its address only goes, as a keyed hash, into the limit's memory.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "server/http/problem.hpp"
#include "server/http/router.hpp"
#include "server/ingestion/event_writer.hpp"
#include "server/ingestion/publishable_keys.hpp"
#include "server/ingestion/rate_limiter.hpp"

namespace attribution::ingestion {

class touchpoint_intake {
  public:
    // client_address_header: where a proxy in front writes whose request it is; empty: the connection's peer.
    touchpoint_intake(db::pool& database, cache_options cache, event_writer& writer,
                      std::string client_address_header);

    task<void> admit(const http::request& head);
    task<http::response> take(const http::request& r);
    task<http::response> preflight(const http::request& r);

    static std::span<const http::route> routes();

  private:
    void limit(const http::request& head, const publishable_key& key);
    std::uint64_t hash(std::string_view of, std::string_view beside) const;
    std::string client_of(const http::request& r) const;
    task<stored_item> store(const http::request& r, const publishable_key& key);

    publishable_keys keys_;
    event_writer& writer_;
    std::string client_address_header_;
    std::array<unsigned char, 16> hash_key_{};
    rate_limiter by_key_;
    rate_limiter by_client_;
};

}  // namespace attribution::ingestion
