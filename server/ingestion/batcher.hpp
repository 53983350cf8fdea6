// Joins what is waiting, of many tenants, into one transaction: one commit for many requests. It never waits
// for more to come: a batch is what arrived while the one before it was being stored. One store works at a
// time, since a few large batches cost less than many small ones; the others come in when much is waiting, or
// when a batch takes long.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
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
    std::size_t items = 256;  // then no further submission is joined; one is never divided
    std::size_t bytes = std::size_t{4} * 1024 * 1024;
    std::size_t waiting = 4096;  // items; beyond it, submit() refuses
    std::size_t many = 256;      // items waiting, with which another store begins beside one that works
    std::chrono::milliseconds patience{20};  // with a batch that is being stored, before another store begins
    int retries = 4;                         // of a transaction that lost against another one
};

// What became of one item: stored, or the db::error that concerns it.
struct settled_item {
    std::exception_ptr failed;
    stored_item stored;
};

class batcher {
  public:
    // One worker per store.
    batcher(boost::asio::any_io_executor executor, std::vector<std::unique_ptr<event_store>> stores,
            batch_limits bounds);

    // Returns when each item is committed or has failed, in the order given. All go into one transaction, in
    // which items of the same key keep their order; an error of it is never passed on, its items are tried
    // again one by one. Throws error 53400 when too many are waiting.
    task<std::vector<settled_item>> submit(std::vector<event_item> items);

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
    // Items that were submitted together. Not Asio's any_completion_handler, whose allocator in Boost 1.81
    // writes past its blocks.
    struct submission {
        std::vector<settled_item> items;
        std::size_t unsettled;
        std::function<void(std::vector<settled_item>)> done;
    };
    struct pending {
        event_item item;
        std::shared_ptr<submission> of;  // nullptr once this item is settled
        std::size_t place;               // in the submission
    };

    task<void> work(event_store& store);
    task<bool> is_turn_of_another();
    std::vector<pending> take_batch();
    task<void> process(event_store& store, std::vector<pending>& batch);
    task<void> process_alone(event_store& store, std::vector<pending>& batch);
    task<stored_item> process_one(event_store& store, const event_item& item);
    task<std::vector<stored_item>> store_with_retries(event_store& store,
                                                      std::vector<const event_item*> items);
    void settle(pending& p, std::exception_ptr failed, stored_item stored);

    boost::asio::any_io_executor executor_;
    std::vector<std::unique_ptr<event_store>> stores_;
    batch_limits limits_;
    std::deque<pending> queue_;
    boost::asio::steady_timer arrived_;
    counters counts_;
    log::once_a_second away_;
    std::size_t working_;      // workers that have not ended
    std::size_t storing_ = 0;  // workers that have a batch
    bool stopping_ = false;
};

}  // namespace attribution::ingestion
