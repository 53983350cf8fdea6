// The batcher against a store without a database: what it joins, in which order, and what it tries again.
#include "server/ingestion/batcher.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <string>

#include "server/db/error.hpp"
#include "server/http/lasting.hpp"
#include "server/http/log.hpp"

namespace asio = boost::asio;
using namespace attribution;
using namespace attribution::ingestion;

namespace {

using keys = std::vector<std::string>;

bool holds(const keys& batch, const std::string& key) {
    return std::find(batch.begin(), batch.end(), key) != batch.end();
}

// Remembers the keys of each transaction; `fault` decides what a transaction throws. One with a/slow takes
// long.
class fake_store final : public event_store {
  public:
    fake_store(asio::io_context& io, std::vector<keys>& seen, std::function<void(const keys&)> fault,
               std::size_t left_out)
        : io_(io), seen_(seen), fault_(std::move(fault)), left_out_(left_out) {}

    task<std::vector<stored_item>> store(std::span<const event_item* const> items) override {
        keys batch;
        for (const event_item* item : items) batch.push_back(item->tenant_id + "/" + item->key);
        seen_.push_back(batch);
        asio::steady_timer database(io_, std::chrono::milliseconds(holds(batch, "a/slow") ? 200 : 5));
        co_await database.async_wait(asio::use_awaitable);
        fault_(batch);
        std::vector<stored_item> stored;
        for (const std::string& key : batch) stored.push_back({"created", "id of " + key, "", ""});
        if (batch.size() > 1) stored.resize(stored.size() - left_out_);
        co_return stored;
    }

  private:
    asio::io_context& io_;
    std::vector<keys>& seen_;
    std::function<void(const keys&)> fault_;
    std::size_t left_out_;  // answers missing from those of a batch
};

struct batcher_test : testing::Test {
    asio::io_context io{1};
    std::vector<keys> seen;
    std::function<void(const keys&)> fault = [](const keys&) {};
    std::size_t answers_left_out = 0;
    std::map<std::string, std::string> outcome;  // key → event id or SQLSTATE
    int answered = 0;                            // submissions
    std::unique_ptr<batcher> batches;

    void SetUp() override { log::configure(log::level::error); }

    void start(batch_limits bounds = {}, int count = 1) {
        std::vector<std::unique_ptr<event_store>> stores;
        for (int i = 0; i < count; ++i)
            stores.push_back(std::make_unique<fake_store>(
                io, seen, [this](const keys& k) { fault(k); }, answers_left_out));
        batches = std::make_unique<batcher>(io.get_executor(), std::move(stores), bounds);
    }

    void submit(const std::string& tenant, const std::string& key) { submit(tenant, keys{key}); }

    void submit(const std::string& tenant, keys together) {
        asio::co_spawn(io, wait_for(tenant, std::move(together)), asio::detached);
    }

    task<void> wait_for(std::string tenant, keys together) {
        std::vector<event_item> items;
        for (const std::string& key : together) items.push_back({tenant, "shopify", key, "{}"});
        try {
            const std::vector<settled_item> settled = co_await batches->submit(std::move(items));
            EXPECT_EQ(settled.size(), together.size());
            for (std::size_t i = 0; i < together.size(); ++i) outcome[together[i]] = told(settled[i]);
        } catch (const db::error& e) {
            for (const std::string& key : together) outcome[key] = e.sqlstate();
        }
        ++answered;
    }

    static std::string told(const settled_item& item) {
        if (!item.failed) return item.stored.event_id;
        try {
            std::rethrow_exception(item.failed);
        } catch (const db::error& e) {
            return e.sqlstate();
        } catch (const std::exception&) {
            return "another error";
        }
    }

    void run() {
        io.restart();
        io.run_for(std::chrono::milliseconds(400));
        batches->stop();
        io.run_for(std::chrono::milliseconds(50));
        EXPECT_FALSE(batches->is_busy());
    }
};

TEST_F(batcher_test, joins_what_waits_while_a_batch_is_stored) {
    start();
    submit("a", "first");
    io.run_for(std::chrono::milliseconds(2));
    for (int i = 0; i < 50; ++i) submit(i % 2 != 0 ? "a" : "b", "k" + std::to_string(100 + i));
    run();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0], keys{"a/first"});
    EXPECT_EQ(seen[1].size(), 50U);
    EXPECT_TRUE(std::is_sorted(seen[1].begin(), seen[1].end()));
    EXPECT_EQ(batches->counts().batches, 2U);
    EXPECT_EQ(outcome.size(), 51U);
    EXPECT_EQ(outcome["k101"], "id of a/k101");
    EXPECT_EQ(outcome["k100"], "id of b/k100");
}

// Two batches of 25, one in each of two stores, would cost more.
TEST_F(batcher_test, one_store_has_all_that_waits) {
    start({}, 2);
    submit("a", "first");
    io.run_for(std::chrono::milliseconds(2));
    for (int i = 0; i < 50; ++i) submit("a", "k" + std::to_string(100 + i));
    run();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[1].size(), 50U);
}

TEST_F(batcher_test, another_store_comes_in_when_much_waits) {
    start({.items = 10, .many = 20, .patience = std::chrono::seconds(1)}, 2);
    submit("a", "slow");
    io.run_for(std::chrono::milliseconds(2));
    for (int i = 0; i < 25; ++i) submit("a", "k" + std::to_string(100 + i));
    io.run_for(std::chrono::milliseconds(50));
    EXPECT_EQ(outcome.count("slow"), 0U);
    EXPECT_EQ(outcome.size(), 10U);
    batches->stop();
    io.run_for(std::chrono::seconds(2));
    EXPECT_EQ(outcome.size(), 26U);
}

TEST_F(batcher_test, another_store_comes_in_when_a_batch_takes_long) {
    start({}, 2);
    submit("a", "slow");
    io.run_for(std::chrono::milliseconds(2));
    submit("a", "behind it");
    io.run_for(std::chrono::milliseconds(80));
    EXPECT_EQ(outcome, (std::map<std::string, std::string>{{"behind it", "id of a/behind it"}}));
    run();
    EXPECT_EQ(outcome.size(), 2U);
}

TEST_F(batcher_test, a_batch_has_a_limit) {
    start({.items = 8});
    for (int i = 0; i < 20; ++i) submit("a", "k" + std::to_string(100 + i));
    run();
    for (const keys& batch : seen) EXPECT_LE(batch.size(), 8U);
    EXPECT_EQ(outcome.size(), 20U);
}

TEST_F(batcher_test, one_bad_item_does_not_fail_its_neighbours) {
    fault = [](const keys& batch) {
        if (holds(batch, "a/bad")) throw db::error("RA001", "personal data");
    };
    start();
    for (const char* key : {"bad", "good", "better"}) submit("a", key);
    run();
    EXPECT_EQ(outcome["bad"], "RA001");
    EXPECT_EQ(outcome["good"], "id of a/good");
    EXPECT_EQ(outcome["better"], "id of a/better");
    EXPECT_EQ(batches->counts().alone, 3U);
    EXPECT_EQ(seen.size(), 4U);
}

TEST_F(batcher_test, a_lost_race_is_tried_again_whole) {
    int left = 2;
    fault = [&left](const keys&) {
        if (left-- > 0) throw db::error("40P01", "deadlock detected");
    };
    start();
    for (const char* key : {"x", "y"}) submit("a", key);
    run();
    EXPECT_EQ(outcome["x"], "id of a/x");
    EXPECT_EQ(batches->counts().retried_races, 2U);
    EXPECT_EQ(batches->counts().alone, 0U);
}

TEST_F(batcher_test, races_are_not_tried_for_ever) {
    fault = [](const keys&) { throw db::error("40001", "could not serialize"); };
    start({.retries = 2});
    submit("a", "x");
    run();
    EXPECT_EQ(outcome["x"], "40001");
    EXPECT_EQ(seen.size(), 3U);
}

TEST_F(batcher_test, a_lost_connection_fails_all_and_is_not_tried_again) {
    fault = [](const keys&) { throw db::connection_lost("server closed the connection"); };
    start();
    for (const char* key : {"x", "y", "z"}) submit("a", key);
    run();
    EXPECT_EQ(seen.size(), 1U);
    for (const char* key : {"x", "y", "z"}) EXPECT_EQ(outcome[key], "08006");
}

TEST_F(batcher_test, a_batch_that_takes_too_long_may_be_fast_item_by_item) {
    fault = [](const keys& batch) {
        if (batch.size() > 1) throw db::error("57014", "statement timeout");
    };
    start();
    for (const char* key : {"x", "y", "z"}) submit("a", key);
    run();
    EXPECT_EQ(seen.size(), 4U);
    for (const char* key : {"x", "y", "z"}) EXPECT_EQ(outcome[key], std::string("id of a/") + key);
}

TEST_F(batcher_test, nobody_waits_for_a_third_timeout) {
    for (const char* sqlstate : {"57014", "55P03", "08006"}) {
        seen.clear();
        outcome.clear();
        fault = [sqlstate](const keys& batch) {
            if (batch.size() > 1) throw db::error("57014", "statement timeout");
            if (holds(batch, "a/y")) throw db::error(sqlstate, "the next one");
        };
        start();
        for (const char* key : {"x", "y", "z", "zz"}) submit("a", key);
        run();
        EXPECT_EQ(seen.size(), 3U) << sqlstate;
        EXPECT_EQ(outcome["x"], "id of a/x");
        for (const char* key : {"y", "z", "zz"}) EXPECT_EQ(outcome[key], sqlstate);
    }
}

TEST_F(batcher_test, a_suspended_tenant_does_not_fail_the_others) {
    fault = [](const keys& batch) {
        if (holds(batch, "b/y")) throw db::error("RA009", "not active");
    };
    start();
    submit("a", "x");
    submit("b", "y");
    submit("c", "z");
    run();
    EXPECT_EQ(outcome["y"], "RA009");
    EXPECT_EQ(outcome["x"], "id of a/x");
    EXPECT_EQ(outcome["z"], "id of c/z");
}

TEST_F(batcher_test, an_answer_is_given_once) {
    answers_left_out = 1;
    start();
    for (const char* key : {"x", "y"}) submit("a", key);
    run();
    EXPECT_EQ(outcome["x"], "id of a/x");
    EXPECT_EQ(outcome.size(), 2U);
}

TEST(lasting_test, an_exception_ends_the_process) {
    const auto failed = std::make_exception_ptr(std::runtime_error("out of luck"));
    EXPECT_EXIT(http::lasting{"batcher"}(failed), testing::ExitedWithCode(EXIT_FAILURE), "out of luck");
    http::lasting{"batcher"}(nullptr);
}

TEST_F(batcher_test, what_is_submitted_together_is_one_transaction_and_answered_in_its_order) {
    start({.items = 8});
    submit("a", "first");
    io.run_for(std::chrono::milliseconds(2));
    keys together;
    for (int i = 0; i < 100; ++i) together.push_back("k" + std::to_string((i * 37) % 100 + 100));
    submit("a", "alone");
    submit("a", together);
    submit("a", "last");
    run();
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[1].size(), 101U);  // "alone" does not fill a batch
    EXPECT_TRUE(std::is_sorted(seen[1].begin(), seen[1].end()));
    EXPECT_EQ(seen[2], keys{"a/last"});
    for (const std::string& key : together) EXPECT_EQ(outcome[key], "id of a/" + key);
    EXPECT_EQ(answered, 4);
}

TEST_F(batcher_test, of_what_is_submitted_together_only_the_bad_fails) {
    fault = [](const keys& batch) {
        if (holds(batch, "a/bad")) throw db::error("RA001", "personal data");
    };
    start();
    submit("a", keys{"good", "bad", "better"});
    run();
    EXPECT_EQ(outcome["bad"], "RA001");
    EXPECT_EQ(outcome["good"], "id of a/good");
    EXPECT_EQ(outcome["better"], "id of a/better");
    EXPECT_EQ(answered, 1);
}

TEST_F(batcher_test, nothing_submitted_is_answered_at_once) {
    start();
    submit("a", keys{});
    run();
    EXPECT_EQ(answered, 1);
    EXPECT_TRUE(seen.empty());
}

TEST_F(batcher_test, all_of_a_submission_waits_or_none) {
    start({.waiting = 3});
    submit("a", "first");
    io.run_for(std::chrono::milliseconds(2));
    submit("a", keys{"k0", "k1"});
    submit("a", keys{"k2", "k3"});
    run();
    for (const char* key : {"k0", "k1"}) EXPECT_EQ(outcome[key], std::string("id of a/") + key);
    for (const char* key : {"k2", "k3"}) EXPECT_EQ(outcome[key], "53400");
}

TEST_F(batcher_test, refuses_when_too_many_wait) {
    start({.waiting = 3});
    submit("a", "first");
    io.run_for(std::chrono::milliseconds(2));
    for (int i = 0; i < 5; ++i) submit("a", "k" + std::to_string(i));
    run();
    EXPECT_EQ(outcome["k2"], "id of a/k2");
    EXPECT_EQ(outcome["k3"], "53400");
    EXPECT_EQ(outcome["k4"], "53400");
}

}  // namespace
