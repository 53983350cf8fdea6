// Whole lives of orders at Shopify, made at random and told in any order, some of it twice and some of it
// never: the states that the adapter makes end in what an accountant would write, as long as the newest is
// among them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/providers/shopify.hpp"
#include "seed.hpp"

using namespace attribution;
using namespace attribution::providers;

namespace {

using money_id = std::pair<std::string, money_kind>;
using totals = std::map<money_id, std::int64_t>;  // of what is not zero

event read(const std::string& topic, const std::string& body) {
    delivery_facts facts;
    facts.source = "shopify";
    facts.topic = topic;
    facts.digest_hex = std::string(64, '0');
    return shopify::translate(facts, body);
}

std::string number(std::int64_t value) {
    return std::to_string(value);
}

std::string decimal(std::int64_t cents) {
    const std::string digits = number(cents < 0 ? -cents : cents);
    const std::string padded = digits.size() < 3 ? std::string(3 - digits.size(), '0') + digits : digits;
    return (cents < 0 ? "\"-" : "\"") + padded.substr(0, padded.size() - 2) + "." +
           padded.substr(padded.size() - 2) + '"';
}

// Minutes of one day, each with the same form, so that times are comparable as texts.
std::string time_at(int minute, int second = 0) {
    const auto two = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    return "\"2026-01-02T" + two(minute / 60) + ":" + two(minute % 60) + ":" + two(second) + "Z\"";
}

struct told {
    event what;
    bool is_needed;  // the last word on some money
};

// An order at random, with the deliveries about it and what an accountant writes of it.
class life {
  public:
    explicit life(test::random_source& random) : random_(random) {
        pay();
        const std::size_t changes = random_.below(6);
        for (std::size_t i = 0; i < changes; ++i) {
            if (random_.below(2) == 0) wait();
            change();
        }
        tell_order(chance(3) ? "orders/cancelled" : "orders/updated", true);
        if (chance(2)) dispute();
        if (paid_ > 0) expected_[{"shopify:order:5001", money_kind::capture}] = paid_;
    }

    const std::vector<told>& deliveries() const { return deliveries_; }
    const totals& expected() const { return expected_; }
    const std::string& bodies() const { return bodies_; }

  private:
    struct refund {
        int id;
        std::int64_t amount;
        std::string status;
        int minute;
    };

    bool chance(std::size_t one_in) { return random_.below(one_in) == 0; }
    std::int64_t up_to(std::int64_t limit) {
        return 1 + static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(limit)));
    }
    void wait() { now_ += 1 + static_cast<int>(random_.below(5)); }

    void tell(const std::string& topic, const std::string& body, bool is_needed = false) {
        bodies_ += "\n" + topic + " " + body;
        deliveries_.push_back({read(topic, body), is_needed});
    }

    std::int64_t owed() const { return current_ - (paid_ - refunded_); }

    std::string status() const {
        if (paid_ == 0) return authorised_ ? "authorized" : "pending";
        if (owed() > 0) return "partially_paid";
        if (refunded_ == 0) return "paid";
        return refunded_ == paid_ ? "refunded" : "partially_refunded";
    }

    static std::string transaction(const refund& of, const std::string& kind = "refund") {
        return R"({"id":)" + std::to_string(of.id) + R"(,"order_id":5001,"kind":")" + kind +
               R"(","status":")" + of.status + R"(","amount":)" + decimal(of.amount) +
               R"(,"currency":"EUR","created_at":)" + time_at(of.minute) + R"(,"processed_at":)" +
               time_at(of.minute) + "}";
    }

    void tell_order(const std::string& topic, bool is_needed = false) {
        std::string listed;
        for (const refund& one : refunds_) {
            listed += (listed.empty() ? "" : ",") + (R"({"id":)" + std::to_string(one.id + 100)) +
                      R"(,"order_id":5001,"transactions":[)" + transaction(one) + "]}";
        }
        // The total follows what edits add; nobody has to know whether it follows what they take off.
        const std::int64_t total = total_follows_ ? ordered_ : std::max(original_, ordered_);
        tell(topic,
             R"({"id":5001,"test":false,"financial_status":")" + status() +
                 R"(","currency":"EUR","total_price":)" + decimal(total) + R"(,"current_total_price":)" +
                 decimal(current_) + R"(,"total_outstanding":)" + decimal(owed()) + R"(,"created_at":)" +
                 time_at(0) + R"(,"processed_at":)" + time_at(0) + R"(,"updated_at":)" + time_at(now_) +
                 R"(,"refunds":[)" + listed + "]}",
             is_needed);
    }

    // Authorised and captured in parts, or paid at once; also within one second.
    void pay() {
        tell_order("orders/create");
        authorised_ = chance(2);
        if (authorised_) {
            if (chance(2)) wait();
            tell_order("orders/updated");
        }
        while (owed() > 0) {
            if (chance(2)) wait();
            receive(chance(2) ? owed() : up_to(owed()), authorised_ ? "capture" : "sale");
        }
    }

    void receive(std::int64_t amount, const std::string& kind) {
        paid_ += amount;
        tell("order_transactions/create", transaction({next_id_++, amount, "success", now_}, kind));
        tell_order(owed() == 0 ? "orders/paid" : "orders/updated");
    }

    void change() {
        switch (random_.below(4)) {
            case 0:
                edit(up_to(3000));
                break;
            case 1:
                if (current_ > 1) edit(-up_to(current_ - 1));
                break;
            case 2:
                if (owed() > 0) receive(up_to(owed()), "sale");
                break;
            default:
                give_back();
        }
    }

    // Versions are times, and two edits of one second would be the same version.
    void edit(std::int64_t by) {
        wait();
        ordered_ += by;
        current_ += by;
        tell("orders/edited",
             R"({"order_edit":{"id":1,"order_id":5001,"created_at":)" + time_at(now_) + "}}");
        tell_order("orders/updated");
    }

    void tell_refund(const refund& one) {
        if (chance(2)) tell("order_transactions/create", transaction(one));
        if (chance(2))
            tell("refunds/create", R"({"id":)" + std::to_string(one.id + 100) +
                                       R"(,"order_id":5001,"created_at":)" + time_at(one.minute) +
                                       R"(,"transactions":[)" + transaction(one) + "]}");
    }

    // What an edit left over, or items with their price; it may be pending for a while, or fail.
    void give_back() {
        if (owed() > 0 || paid_ == refunded_) return;
        wait();
        const bool owes = owed() < 0;
        const std::int64_t amount = owes ? -owed() : up_to(paid_ - refunded_);
        refund one{next_id_++, amount, "pending", now_};
        tell_refund(one);
        refunds_.push_back(one);
        tell_order("orders/updated");
        if (chance(2)) wait();
        refunds_.back().status = chance(4) ? "failure" : "success";
        tell_refund(refunds_.back());
        if (refunds_.back().status == "success") {
            refunded_ += amount;
            if (!owes) current_ -= amount;
            expected_[{"shopify:transaction:" + std::to_string(one.id), money_kind::refund}] = amount;
        }
        wait();
        tell_order("orders/updated");
    }

    void tell_dispute(const std::string& type, const std::string& status, bool is_needed = false) {
        tell(deliveries_.size() % 2 == 0 ? "disputes/create" : "disputes/update",
             R"({"id":9001,"order_id":)" + std::string(chance(4) ? "null" : "5001") + R"(,"type":")" + type +
                 R"(","status":")" + status + R"(","amount":)" + decimal(disputed_) +
                 R"(,"currency":"EUR","reason":"fraudulent","initiated_at":)" + time_at(now_) +
                 R"(,"finalized_on":)" +
                 (status == "won" || status == "lost" ? time_at(finalised_) : "null") + "}",
             is_needed);
    }

    void dispute() {
        wait();
        finalised_ = now_ + static_cast<int>(random_.below(2));  // also within the same second
        disputed_ = up_to(5000);
        if (chance(2)) tell_dispute("inquiry", "needs_response");
        if (chance(4)) return;  // an inquiry alone moves nothing
        expected_[{"shopify:dispute:9001", money_kind::chargeback}] = disputed_;
        tell_dispute("chargeback", "needs_response");
        tell_dispute("chargeback", "under_review");
        const bool won = chance(2);
        tell_dispute("chargeback", won ? "won" : "lost", true);
        if (won) expected_[{"shopify:dispute:9001", money_kind::chargeback_reversal}] = disputed_;
    }

    test::random_source& random_;
    bool total_follows_ = chance(2);
    bool authorised_ = false;
    int now_ = 0;
    int finalised_ = 0;
    int next_id_ = 31;
    std::int64_t original_ = 1000 + up_to(9000);
    std::int64_t ordered_ = original_;  // with edits
    std::int64_t current_ = original_;  // with edits, and without what was given back
    std::int64_t paid_ = 0;
    std::int64_t refunded_ = 0;
    std::int64_t disputed_ = 0;
    std::vector<refund> refunds_;
    std::vector<told> deliveries_;
    std::string bodies_;
    totals expected_;
};

// Everything at random: a third is lost where it is not needed, a third comes twice.
std::vector<const event*> arrival(const life& of, test::random_source& random) {
    std::vector<const event*> order;
    for (const told& one : of.deliveries()) {
        const std::size_t luck = random.below(3);
        if (luck > 0 || one.is_needed) order.push_back(&one.what);
        if (luck == 2) order.push_back(&one.what);
    }
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

// The database's rule: of each money key and kind the newest (version_at, cumulative) counts. Ranks are
// written as microseconds, which come after the same time without any.
totals booked(const std::vector<const event*>& arrived) {
    std::map<money_id, std::pair<std::string, std::int64_t>> newest;
    for (const event* one : arrived) {
        for (const money_state& state : one->states) {
            std::string version = state.version_at;
            if (version.find('.') == std::string::npos) version.insert(version.size() - 1, ".000000");
            auto& known = newest[{state.money_key, state.kind}];
            known = std::max(known, {version, state.cumulative_minor});
        }
    }
    totals result;
    for (const auto& [id, state] : newest)
        if (state.second != 0) result[id] = state.second;
    return result;
}

}  // namespace

TEST(shopify_lives, any_order_of_arrival_ends_in_what_an_accountant_writes) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    std::map<money_kind, std::size_t> seen;
    for (int i = 0; i < 250; ++i) {
        const life one(random);
        for (int order = 0; order < 4; ++order)
            ASSERT_EQ(booked(arrival(one, random)), one.expected()) << one.bodies();
        for (const auto& [id, amount] : one.expected()) ++seen[id.second];
    }
    EXPECT_EQ(seen[money_kind::capture], 250U);
    EXPECT_GT(seen[money_kind::refund], 50U);
    EXPECT_GT(seen[money_kind::chargeback], 20U);
    EXPECT_GT(seen[money_kind::chargeback_reversal], 10U);
}
