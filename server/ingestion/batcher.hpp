// Joins what is waiting, of many tenants, into one transaction: one commit for many requests. It never waits
// for more to come: a batch is what arrived while the one before it was being stored.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "server/http/log.hpp"
#include "server/ingestion/event_store.hpp"

namespace attribution::ingestion {

struct batch_limits {
    std::size_t items = 256;
    std::size_t bytes = 4 * 1024 * 1024;
    std::size_t waiting = 4096;  // beyond it, submit() refuses
    int retries = 4;             // of a transaction that lost against another one
};

class batcher {
  public:
    // One worker per store.
    batcher(boost::asio::any_io_executor executor, std::vector<std::unique_ptr<event_store>> stores,
            batch_limits bounds);

    // Returns when the item is committed. Throws the db::error that concerns this item: an error of a batch
    // is never passed on, its items are tried again one by one. Throws error 53400 when too many are waiting.
    task<stored_item> submit(event_item item);

    // Workers end when nothing is waiting any more.
    void stop();
    bool is_busy() const { return working_ > 0; }

    struct counters {
        std::uint64_t batches = 0;        // transactions tried with what was waiting
        std::uint64_t items = 0;          // taken from the queue
        std::uint64_t alone = 0;          // items tried again in a transaction of their own
        std::uint64_t retried_races = 0;  // transactions repeated after 40001 or 40P01
    };
    const counters& counts() const { return counts_; }

  private:
    // Not Asio's any_completion_handler, whose allocator in Boost 1.81 writes past its blocks.
    using completion = std::function<void(std::exception_ptr, stored_item)>;
    struct pending {
        event_item item;
        completion done;
    };

    task<void> work(event_store& store);
    std::vector<pending> take_batch();
    task<void> process(event_store& store, std::vector<pending>& batch);
    task<void> process_alone(event_store& store, std::vector<pending>& batch);
    task<stored_item> process_one(event_store& store, const event_item& item);
    task<std::vector<stored_item>> store_with_retries(event_store& store,
                                                      std::vector<const event_item*> items);
    void finish(pending& p, std::exception_ptr failed, stored_item stored);

    boost::asio::any_io_executor executor_;
    std::vector<std::unique_ptr<event_store>> stores_;
    batch_limits limits_;
    std::deque<pending> queue_;
    boost::asio::steady_timer arrived_;
    counters counts_;
    log::once_a_second away_;
    std::size_t working_;  // workers that have not ended
    bool stopping_ = false;
};

}  // namespace attribution::ingestion
