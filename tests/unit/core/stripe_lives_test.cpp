// Whole lives of sales at Stripe, told in any order: the states that the adapter makes end in the totals that
// an accountant would write, under the rule by which the database books them (docs/event_contract.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/providers/event.hpp"
#include "seed.hpp"
#include "stripe_bodies.hpp"

using namespace attribution;
using namespace attribution::providers;

namespace {

using money_id = std::pair<std::string, money_kind>;
using totals = std::map<money_id, std::int64_t>;  // of what is not zero

// What the database keeps, and what it books from that.
class book {
  public:
    void apply(const event& told) {
        for (const money_state& state : told.states) {
            const money_id id{state.money_key, state.kind};
            const auto [known, is_new] = newest_.try_emplace(id, state);
            if (!is_new && version(known->second) < version(state)) known->second = state;
            std::int64_t& gross = gross_[id];
            gross = std::max({gross, state.cumulative_minor, state.gross_minor.value_or(0)});
        }
    }

    totals booked() const {
        totals result;
        for (const auto& [id, state] : newest_) {
            std::int64_t amount = state.cumulative_minor;
            if (state.role == money_role::total)
                amount = std::max<std::int64_t>(amount - explained(id, state), 0);
            if (amount != 0) result[id] = amount;
        }
        return result;
    }

  private:
    // Times with and without a fraction, comparable as texts.
    static std::string comparable(const std::string& time) {
        return time.find('.') == std::string::npos ? time.substr(0, time.size() - 1) + ".000000Z" : time;
    }

    static std::pair<std::string, std::int64_t> version(const money_state& state) {
        return {comparable(state.version_at), state.cumulative_minor};
    }

    std::int64_t explained(const money_id& total, const money_state& told) const {
        std::int64_t sum = 0;
        for (const auto& [id, part] : newest_) {
            if (part.role != money_role::part || part.parent != total.first || part.kind != total.second)
                continue;
            if (comparable(part.occurred_at) > comparable(told.version_at)) continue;
            const bool was_known = comparable(part.version_at) <= comparable(told.version_at);
            sum += was_known ? part.cumulative_minor : gross_.at(id);
        }
        return sum;
    }

    std::map<money_id, money_state> newest_;
    std::map<money_id, std::int64_t> gross_;
};

std::string number(std::int64_t value) {
    return std::to_string(value);
}

// A sale at random, with the events that Stripe sends about it and what an accountant writes of it.
class life {
  public:
    explicit life(test::random_source& random) : random_(random) {
        capture();
        const std::size_t refunds = random_.below(4);
        for (std::size_t i = 0; i < refunds && captured_ > refunded_; ++i) refund(i);
        const std::size_t disputes = random_.below(3);
        for (std::size_t i = 0; i < disputes; ++i) dispute(i);
    }

    const std::vector<event>& events() const { return events_; }
    const totals& expected() const { return expected_; }
    const std::string& bodies() const { return bodies_; }

  private:
    bool chance(std::size_t one_in) { return random_.below(one_in) == 0; }
    std::int64_t amount_up_to(std::int64_t limit) {
        return 1 + static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(limit)));
    }
    // Seconds tell no order within themselves, so what follows is later, unless it is told to be of the same
    // one.
    void wait() { now_ += 1 + static_cast<std::int64_t>(random_.below(100000)); }

    void tell(const std::string& type, const std::string& object) {
        const std::string body = R"({"id":"evt_)" + number(static_cast<std::int64_t>(events_.size())) +
                                 R"(","object":"event","livemode":true,"api_version":")" +
                                 (releases_are_refunds_ ? "2024-06-20" : "2025-12-15.clover") +
                                 R"(","created":)" + number(now_) + R"(,"type":")" + type +
                                 R"(","data":{"object":)" + object + "}}";
        events_.push_back(stripe::translate(test::stripe_facts(), body));
        bodies_ += "\n" + body;
    }

    std::string references() const {
        return R"("currency":"eur","payment_intent":)" + std::string(has_intent_ ? R"("pi_1")" : "null");
    }

    void tell_charge(const std::string& type) {
        const std::int64_t released = releases_are_refunds_ && captured_ > 0 ? authorised_ - captured_ : 0;
        tell(type, R"({"id":"ch_1","object":"charge","status":"succeeded","created":)" + number(made_at_) +
                       R"(,"amount":)" + number(authorised_) + R"(,"amount_captured":)" + number(captured_) +
                       R"(,"amount_refunded":)" + number(refunded_ + released) + R"(,"captured":)" +
                       (captured_ > 0 ? "true," : "false,") + references() + "}");
    }

    void tell_session(const std::string& type, const std::string& status) {
        tell("checkout.session." + type,
             R"({"id":"cs_1","object":"checkout.session","mode":"payment","amount_total":)" +
                 number(authorised_) + R"(,"created":)" + number(made_at_) + R"(,"payment_status":")" +
                 status + "\"," + references() + "}");
    }

    void capture() {
        const bool at_once = chance(2);
        if (at_once && has_intent_ && chance(2)) {
            tell_session("completed", "unpaid");
            if (chance(2)) wait();
        }
        if (at_once) {
            captured_ = authorised_;
            tell_charge("charge.succeeded");
        } else {
            tell_charge("charge.succeeded");
            const std::size_t captures = releases_are_refunds_ ? 1 : 1 + random_.below(3);
            for (std::size_t i = 0; i < captures && captured_ < authorised_; ++i) {
                if (chance(2)) wait();
                captured_ += amount_up_to(authorised_ - captured_);
                tell_charge("charge.captured");
            }
        }
        if (has_intent_) {
            tell("payment_intent.succeeded",
                 R"({"id":"pi_1","object":"payment_intent","currency":"eur","created":)" + number(made_at_) +
                     R"(,"amount_received":)" + number(captured_) + "}");
            if (at_once) tell_session(chance(2) ? "completed" : "async_payment_succeeded", "paid");
        }
        expected_[{sale_key(), money_kind::capture}] = captured_;
    }

    void tell_refund(const std::string& type, const std::string& id, std::int64_t amount,
                     std::int64_t made_at, const std::string& status) {
        tell(type, R"({"id":")" + id +
                       R"(","object":"refund","charge":"ch_1","balance_transaction":"txn_1","created":)" +
                       number(made_at) + R"(,"amount":)" + number(amount) + R"(,"status":")" + status +
                       "\"," + references() + "}");
    }

    // Told by its id, by the charge's sum, or by both. Of an older version of the API only sums are exact.
    void refund(std::size_t no) {
        wait();
        const std::string id = "re_" + std::to_string(no);
        const std::int64_t made_at = now_;
        const std::int64_t amount = amount_up_to(captured_ - refunded_);
        const bool by_id = !releases_are_refunds_ && !chance(3);
        const bool by_sum = !by_id || chance(2);
        refunded_ += amount;
        if (by_id)
            tell_refund("refund.created", id, amount, made_at, chance(2) ? "pending" : "requires_action");
        if (by_sum) tell_charge("charge.refunded");
        if (!by_id) {
            expected_[{sale_key(), money_kind::refund}] += amount;
            return;
        }
        if (chance(2)) wait();
        tell_refund("refund.updated", id, amount, made_at, "succeeded");
        if (chance(3)) {
            if (chance(2)) wait();
            refunded_ -= amount;
            tell_refund(chance(2) ? "refund.failed" : "charge.refund.updated", id, amount, made_at,
                        chance(2) ? "failed" : "canceled");
        } else {
            expected_[{"stripe:refund:" + id, money_kind::refund}] = amount;
        }
    }

    void tell_dispute(const std::string& what, const std::string& id, std::int64_t amount,
                      std::int64_t made_at, const std::string& status, const std::string& transactions) {
        tell("charge.dispute." + what,
             R"({"id":")" + id + R"(","object":"dispute","charge":"ch_1","reason":"general","amount":)" +
                 number(amount) + R"(,"created":)" + number(made_at) + R"(,"status":")" + status +
                 R"(","balance_transactions":[)" + transactions + "]," + references() + "}");
    }

    void dispute(std::size_t no) {
        wait();
        const std::string id = "du_" + std::to_string(no);
        const std::int64_t made_at = now_;
        const std::int64_t amount = amount_up_to(captured_);
        const std::size_t end = random_.below(4);  // an inquiry, won, lost, open
        tell_dispute("created", id, amount, made_at, end == 0 ? "warning_needs_response" : "needs_response",
                     "");
        if (end == 0) {
            wait();
            tell_dispute("closed", id, amount, made_at, "warning_closed", "");
            return;
        }
        tell_dispute("funds_withdrawn", id, amount, made_at, "needs_response", "{}");
        expected_[{"stripe:dispute:" + id, money_kind::chargeback}] = amount;
        if (chance(2)) wait();
        tell_dispute("updated", id, amount, made_at, "under_review", "{}");
        if (end == 1) {
            tell_dispute("closed", id, amount, made_at, "won", chance(2) ? "{}" : "{},{}");
            if (chance(2)) wait();
            tell_dispute("funds_reinstated", id, amount, made_at, "won", "{},{}");
            expected_[{"stripe:dispute:" + id, money_kind::chargeback_reversal}] = amount;
        } else if (end == 2) {
            tell_dispute("closed", id, amount, made_at, "lost", "{}");
        }
    }

    std::string sale_key() const { return has_intent_ ? "stripe:payment_intent:pi_1" : "stripe:charge:ch_1"; }

    test::random_source& random_;
    bool has_intent_ = !chance(5);
    bool releases_are_refunds_ = chance(5);
    std::int64_t now_ = 1785000000;
    std::int64_t made_at_ = now_ - 5;
    std::int64_t authorised_ = 1000 + amount_up_to(9000);
    std::int64_t captured_ = 0;
    std::int64_t refunded_ = 0;
    std::vector<event> events_;
    std::string bodies_;
    totals expected_;
};

// All events at random, some of them several times.
std::vector<const event*> arrival(const life& of, test::random_source& random) {
    std::vector<const event*> order;
    for (const event& one : of.events()) order.insert(order.end(), 1 + (random.below(3) == 0 ? 1 : 0), &one);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

}  // namespace

TEST(stripe_lives, any_order_of_arrival_ends_in_what_an_accountant_writes) {
    SCOPED_TRACE(test::seed_note());
    test::random_source random;
    std::size_t with_refunds = 0;
    std::size_t with_reversals = 0;
    for (int i = 0; i < 250; ++i) {
        const life one(random);
        for (int order = 0; order < 4; ++order) {
            book books;
            for (const event* told : arrival(one, random)) books.apply(*told);
            ASSERT_EQ(books.booked(), one.expected()) << one.bodies();
        }
        for (const auto& [id, amount] : one.expected()) {
            with_refunds += id.second == money_kind::refund ? 1 : 0;
            with_reversals += id.second == money_kind::chargeback_reversal ? 1 : 0;
        }
    }
    EXPECT_GT(with_refunds, 50U);
    EXPECT_GT(with_reversals, 20U);
}

// A dispute's end tells the whole of it, so what is lost for good does no harm.
TEST(stripe_lives, a_dispute_is_told_by_its_last_event) {
    const totals won{{{"stripe:dispute:du_3Fix01", money_kind::chargeback}, 4999},
                     {{"stripe:dispute:du_3Fix01", money_kind::chargeback_reversal}, 4999}};
    for (const char* last : {"charge.dispute.closed", "charge.dispute.funds_reinstated"}) {
        book books;
        books.apply(test::translate(last));
        EXPECT_EQ(books.booked(), won) << last;
        books.apply(test::translate("charge.dispute.funds_withdrawn"));
        EXPECT_EQ(books.booked(), won) << last;
    }
    book books;
    books.apply(test::translate("charge.dispute.closed", {{"data.object.status", "\"lost\""}}));
    books.apply(test::translate("charge.dispute.funds_reinstated"));  // of the same second, and taken back
    EXPECT_EQ(books.booked(), (totals{{{"stripe:dispute:du_3Fix01", money_kind::chargeback}, 4999}}));
}
