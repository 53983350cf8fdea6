// What becomes of events that the database refuses: a store without a database says what it refuses.
#include "server/ingestion/event_writer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>

using namespace attribution;
using namespace attribution::ingestion;

namespace {

namespace asio = boost::asio;

class refusing_store final : public event_store {
  public:
    explicit refusing_store(const std::function<void(const event_item&)>& refuse,
                            std::vector<std::string>& seen)
        : refuse_(refuse), seen_(seen) {}

    task<std::vector<stored_item>> store(std::span<const event_item* const> items) override {
        std::vector<stored_item> stored;
        for (const event_item* item : items) {
            seen_.push_back(item->event);
            refuse_(*item);
            const bool dead = item->event.find("\"rejected\"") != std::string::npos;
            stored.push_back({dead ? "dead_lettered" : "created", item->key, "", ""});
        }
        co_return stored;
    }

  private:
    const std::function<void(const event_item&)>& refuse_;
    std::vector<std::string>& seen_;
};

bool holds(const event_item& item, const std::string& text) {
    return item.event.find(text) != std::string::npos;
}

struct event_writer_test : testing::Test {
    asio::io_context io{1};
    std::function<void(const event_item&)> refuse = [](const event_item&) {};
    std::vector<std::string> seen;
    std::vector<std::string> statuses;
    std::optional<int> problem;

    void SetUp() override { log::configure(log::level::error); }

    static translation event_of(const std::string& key) {
        translation made;
        made.event.delivery.source = "api";
        made.event.delivery.key = key;
        made.event.notice = providers::notice{"2026-11-22T10:00:00Z", R"({"mark":1})", ""};
        made.length = 17;
        return made;
    }

    void write(const std::vector<std::string>& keys) {
        std::vector<std::unique_ptr<event_store>> stores;
        stores.push_back(std::make_unique<refusing_store>(refuse, seen));
        batcher batches(io.get_executor(), std::move(stores), {});
        event_writer writer(batches);
        asio::co_spawn(io, wait_for(writer, keys), asio::detached);
        io.run_for(std::chrono::milliseconds(100));
        batches.stop();
        io.run_for(std::chrono::milliseconds(50));
    }

    task<void> wait_for(event_writer& writer, std::vector<std::string> keys) {
        std::vector<translation> events;
        events.reserve(keys.size());
        for (const std::string& key : keys) events.push_back(event_of(key));
        try {
            for (const stored_item& item : co_await writer.write("a", std::move(events)))
                statuses.push_back(item.event_id + " " + item.status);
        } catch (const http::problem& p) {
            problem = p.status;
        }
    }
};

TEST_F(event_writer_test, a_refused_event_is_a_dead_letter_that_keeps_it_and_its_neighbours_are_stored) {
    refuse = [](const event_item& item) {
        if (item.key == "b" && !holds(item, "rejected"))
            throw db::error("RA001", "personal data", "Column payload.");
    };
    write({"c", "b", "a"});
    EXPECT_EQ(statuses, (std::vector<std::string>{"c created", "b dead_lettered", "a created"}));
    EXPECT_NE(
        seen.back().find(R"("rejected":{"code":"RA001","detail":"Column payload.","length":17,"event":{)"),
        std::string::npos)
        << seen.back();
    EXPECT_NE(seen.back().find("mark"), std::string::npos);
}

TEST_F(event_writer_test, texts_of_postgresql_are_not_kept) {
    refuse = [](const event_item& item) {
        if (!holds(item, "rejected")) throw db::error("22P02", "invalid input", "Token \"jon\" is invalid.");
    };
    write({"a"});
    EXPECT_EQ(statuses, std::vector<std::string>{"a dead_lettered"});
    EXPECT_EQ(seen.back().find("jon"), std::string::npos);
    EXPECT_NE(seen.back().find("PostgreSQL refuses a value"), std::string::npos);
}

TEST_F(event_writer_test, a_dead_letter_that_is_refused_as_well_goes_without_event_and_reason) {
    refuse = [](const event_item& item) {
        if (holds(item, "mark")) throw db::error("RA001", "personal data", "Column payload.");
    };
    write({"a"});
    EXPECT_EQ(statuses, std::vector<std::string>{"a dead_lettered"});
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen.back().find("Column payload"), std::string::npos);
    EXPECT_NE(seen.back().find(R"("code":"RA001")"), std::string::npos);
}

TEST_F(event_writer_test, what_is_refused_in_every_form_is_not_tried_for_ever) {
    refuse = [](const event_item&) { throw db::error("RA001", "personal data", "Column topic."); };
    write({"a"});
    EXPECT_EQ(problem, 422);
    EXPECT_EQ(seen.size(), 3U);
}

TEST_F(event_writer_test, what_may_pass_is_a_503_and_no_dead_letter) {
    refuse = [](const event_item&) { throw db::connection_lost("gone"); };
    write({"a", "b"});
    EXPECT_EQ(problem, 503);
    for (const std::string& event : seen) EXPECT_EQ(event.find("rejected"), std::string::npos);
}

}  // namespace
