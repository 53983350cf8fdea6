#include "server/ingestion/batcher.hpp"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>
#include <tuple>
#include <utility>

#include "server/db/error.hpp"
#include "server/http/lasting.hpp"

namespace attribution::ingestion {

namespace {

namespace asio = boost::asio;

bool lost_a_race(const db::error& e) {
    return e.sqlstate() == "40001" || e.sqlstate() == "40P01";
}

// Trying the items one by one cannot help when the database itself is gone.
bool concerns_all(const db::error& e) {
    return e.has_class("08") || e.has_class("57P");
}

// Of a batch, it says that there was too much to do or that something is locked; of an item alone, that the
// next one would wait as long.
bool took_too_long(const db::error& e) {
    return e.sqlstate() == "57014" || e.sqlstate() == "55P03";
}

std::chrono::microseconds race_pause(int attempt) {
    static thread_local std::minstd_rand generator{std::random_device{}()};
    return std::chrono::microseconds(std::uniform_int_distribution<int>(500, 4000 << attempt)(generator));
}

}  // namespace

batcher::batcher(asio::any_io_executor executor, std::vector<std::unique_ptr<event_store>> stores,
                 batch_limits bounds)
    : executor_(std::move(executor)),
      stores_(std::move(stores)),
      limits_(bounds),
      arrived_(executor_, std::chrono::steady_clock::time_point::max()),
      working_(stores_.size()) {
    for (const auto& store : stores_) asio::co_spawn(executor_, work(*store), http::lasting{"batcher"});
}

task<std::vector<settled_item>> batcher::submit(std::vector<event_item> items) {
    if (stopping_ || queue_.size() + items.size() > limits_.waiting)
        throw db::error("53400", "too many deliveries are waiting");
    if (items.empty()) co_return std::vector<settled_item>{};
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::vector<settled_item>)>(
        [this](auto handler, std::vector<event_item> waiting) {
            auto held = std::make_shared<decltype(handler)>(std::move(handler));  // it cannot be copied
            auto together = std::make_shared<submission>();
            together->items.resize(waiting.size());
            together->unsettled = waiting.size();
            together->done = [held](std::vector<settled_item> all) { (*held)(std::move(all)); };
            for (std::size_t i = 0; i < waiting.size(); ++i)
                queue_.push_back({std::move(waiting[i]), together, i});
            arrived_.cancel_one();
        },
        asio::use_awaitable, std::move(items));
}

void batcher::stop() {
    stopping_ = true;
    arrived_.cancel();
}

task<void> batcher::work(event_store& store) {
    while (true) {
        while (queue_.empty() && !stopping_) {
            boost::system::error_code called;
            co_await arrived_.async_wait(asio::redirect_error(asio::use_awaitable, called));
        }
        if (queue_.empty()) break;
        if (co_await is_turn_of_another()) continue;
        std::vector<pending> batch = take_batch();
        ++storing_;
        std::exception_ptr failed;
        try {
            co_await process(store, batch);
        } catch (const std::exception& e) {
            failed = std::current_exception();
            log::write(log::level::error, "batch_failed", "reason", e.what(), "items", batch.size());
        }
        --storing_;
        for (pending& p : batch) settle(p, failed, {});  // those that are not settled yet
    }
    --working_;
}

// Whether what waits is left to a store that works already and will have it soon.
task<bool> batcher::is_turn_of_another() {
    if (storing_ == 0 || queue_.size() >= limits_.many) co_return false;
    const std::uint64_t before = counts_.batches;
    asio::steady_timer pause(executor_, limits_.patience);
    co_await pause.async_wait(asio::use_awaitable);
    co_return queue_.empty() || counts_.batches != before;
}

std::vector<batcher::pending> batcher::take_batch() {
    std::vector<pending> batch;
    batch.reserve(std::min(queue_.size(), limits_.items));
    std::size_t bytes = 0;
    while (!queue_.empty()) {
        pending& next = queue_.front();
        bytes += next.item.event.size();
        const bool is_full = batch.size() >= limits_.items || bytes > limits_.bytes;
        if (is_full && !batch.empty() && batch.back().of != next.of) break;
        batch.push_back(std::move(next));
        queue_.pop_front();
    }
    // Two transactions that insert the same keys in the same order wait for each other; in different orders
    // they deadlock.
    std::stable_sort(batch.begin(), batch.end(), [](const pending& a, const pending& b) {
        return std::tie(a.item.tenant_id, a.item.source, a.item.key) <
               std::tie(b.item.tenant_id, b.item.source, b.item.key);
    });
    counts_.items += batch.size();
    return batch;
}

task<void> batcher::process(event_store& store, std::vector<pending>& batch) {
    ++counts_.batches;
    std::vector<const event_item*> items;
    items.reserve(batch.size());
    for (const pending& p : batch) items.push_back(&p.item);
    std::exception_ptr failed;
    bool for_all = batch.size() == 1;
    try {
        std::vector<stored_item> stored = co_await store_with_retries(store, std::move(items));
        for (std::size_t i = 0; i < batch.size(); ++i) settle(batch[i], nullptr, std::move(stored.at(i)));
        co_return;
    } catch (const db::error& e) {
        failed = std::current_exception();
        for_all = for_all || concerns_all(e);
        const auto left_out = concerns_all(e) ? away_.pass(std::chrono::steady_clock::now()) : 0;
        if (left_out)
            log::write(log::level::warn, "batch_failed", "sqlstate", e.sqlstate(), "items", batch.size(),
                       "left_out", *left_out);
    } catch (...) {
        failed = std::current_exception();
    }
    if (!for_all) {
        co_await process_alone(store, batch);
        co_return;
    }
    for (pending& p : batch) settle(p, failed, {});
}

// One bad event never fails its neighbours. When an item alone takes too long, those behind it are not tried:
// nobody waits for more than two timeouts.
task<void> batcher::process_alone(event_store& store, std::vector<pending>& batch) {
    std::exception_ptr for_the_rest;
    for (pending& p : batch) {
        std::exception_ptr failed = for_the_rest;
        stored_item stored;
        try {
            if (!failed) stored = co_await process_one(store, p.item);
        } catch (const db::error& e) {
            failed = std::current_exception();
            if (concerns_all(e) || took_too_long(e)) for_the_rest = failed;
        } catch (...) {
            failed = std::current_exception();
        }
        settle(p, failed, std::move(stored));
    }
}

task<stored_item> batcher::process_one(event_store& store, const event_item& item) {
    ++counts_.alone;
    std::vector<const event_item*> only(1, &item);
    std::vector<stored_item> all = co_await store_with_retries(store, std::move(only));
    co_return std::move(all.at(0));
}

task<std::vector<stored_item>> batcher::store_with_retries(event_store& store,
                                                           std::vector<const event_item*> items) {
    for (int attempt = 0;; ++attempt) {
        try {
            co_return co_await store.store(items);
        } catch (const db::error& e) {
            if (!lost_a_race(e) || attempt == limits_.retries) throw;
        }
        ++counts_.retried_races;
        asio::steady_timer pause(executor_, race_pause(attempt));
        co_await pause.async_wait(asio::use_awaitable);
    }
}

// Posted, not called: the next batch is on its way to the database before the answers of this one are
// written.
void batcher::settle(pending& p, std::exception_ptr failed, stored_item stored) {
    const std::shared_ptr<submission> of = std::exchange(p.of, nullptr);
    if (!of) return;
    of->items[p.place] = {std::move(failed), std::move(stored)};
    if (--of->unsettled > 0) return;
    asio::post(executor_, [of] { std::exchange(of->done, nullptr)(std::move(of->items)); });
}

}  // namespace attribution::ingestion
