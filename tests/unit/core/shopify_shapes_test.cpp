// Topics of Shopify are not signed: the body of every topic under every other topic's name, and without each
// of the members by which it is known.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "core/json/document.hpp"
#include "core/json/writer.hpp"
#include "core/providers/shopify.hpp"

using namespace attribution;
using namespace attribution::providers;

namespace {

struct sample {
    const char* file;
    std::vector<std::string> topics;  // under which it is read
    const char* what;                 // as a refusal calls it
    std::vector<std::string> members;
};

const std::vector<sample>& samples() {
    static const std::vector<sample> all{
        {"orders-create",
         {"orders/create", "orders/paid", "orders/updated", "orders/cancelled"},
         "an order",
         {"id", "financial_status", "currency", "total_price", "updated_at"}},
        {"orders-edited", {"orders/edited"}, "an order edit", {"id", "order_id", "created_at"}},
        {"refunds-create", {"refunds/create"}, "a refund", {"id", "order_id", "transactions"}},
        {"refunds-create.paid_back", {"refunds/create"}, "a refund", {"id", "order_id", "transactions"}},
        {"order_transactions-create",
         {"order_transactions/create"},
         "a transaction",
         {"id", "order_id", "kind", "status", "amount", "currency"}},
        {"disputes-create",
         {"disputes/create", "disputes/update"},
         "a dispute",
         {"id", "type", "status", "amount", "currency", "initiated_at"}},
        {"disputes-update.won",
         {"disputes/create", "disputes/update"},
         "a dispute",
         {"id", "type", "status", "amount", "currency", "initiated_at"}},
    };
    return all;
}

std::string body_of(const sample& of) {
    std::ifstream file(std::string(FIXTURES_DIR "/shopify/") + of.file + ".json");
    EXPECT_TRUE(file) << of.file;
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(json::writer& out, json::value from, const std::string& left_out) {
    if (from.is_object()) {
        out.begin_object();
        for (const json::value member : from)
            if (member.key() != left_out) write(out.key(member.key()), member, "");
        out.end_object();
    } else if (from.is_array()) {
        out.begin_array();
        for (const json::value element : from) write(out, element, "");
        out.end_array();
    } else if (from.is_string()) {
        out.string(from.text());
    } else {
        out.raw(from.is_null() ? "null" : from.text());
    }
}

// The body without one of its members; those of an edit lie one level below.
std::string without(const std::string& body, const std::string& member) {
    const json::document document = json::parse(body);
    const json::value edit = document["order_edit"];
    json::writer out;
    if (edit.exists()) out.begin_object().key("order_edit");
    write(out, edit.exists() ? edit : document.root(), member);
    if (edit.exists()) out.end_object();
    return std::move(out).text();
}

event read(const std::string& topic, const std::string& body) {
    delivery_facts facts;
    facts.source = "shopify";
    facts.topic = topic;
    facts.digest_hex = std::string(64, '0');
    facts.account = "jsmith.myshopify.com";
    return shopify::translate(facts, body);
}

// SQLSTATE and detail of the refusal; empty when the body is read.
std::string refusal_of(const std::string& topic, const std::string& body) {
    try {
        read(topic, body);
    } catch (const error& refused) {
        return std::string(refused.sqlstate()) + " " + refused.detail();
    }
    return {};
}

// What the body of each topic should be, by the sample that fits it.
std::map<std::string, std::string> nouns() {
    std::map<std::string, std::string> result;
    for (const sample& one : samples())
        for (const std::string& topic : one.topics) result[topic] = one.what;
    return result;
}

}  // namespace

TEST(shopify_shapes, every_body_is_read_under_its_own_topics_alone) {
    const auto all = nouns();
    EXPECT_EQ(all.size(), 9U);
    for (const auto& [topic, noun] : all) {
        for (const sample& one : samples()) {
            const std::string refusal = refusal_of(topic, body_of(one));
            if (noun == one.what) {
                EXPECT_EQ(refusal, "") << one.file << " as " << topic;
            } else {
                EXPECT_TRUE(refusal.starts_with("RA007 The body is not " + noun + ": "))
                    << one.file << " as " << topic << ": " << refusal;
                EXPECT_NE(refusal.find(" is missing"), std::string::npos) << refusal;
            }
        }
    }
}

TEST(shopify_shapes, what_is_missing_is_named) {
    for (const sample& one : samples())
        for (const std::string& topic : one.topics)
            for (const std::string& member : one.members) {
                EXPECT_EQ(refusal_of(topic, without(body_of(one), member)),
                          std::string("RA007 The body is not ") + one.what + ": " + member +
                              " is missing or not of its kind.")
                    << one.file << " as " << topic;
            }
}

TEST(shopify_shapes, bodies_that_are_no_objects) {
    for (const auto& [topic, noun] : nouns())
        for (const char* body : {"", "{", "[]", "null", "17", "{}", R"("order")", R"({"id":1,"id":1})",
                                 R"({"order_edit":17})", R"([{"id":1}])"})
            EXPECT_TRUE(refusal_of(topic, body).starts_with("RA007 ")) << topic << ": " << body;
}

// Staff notes, names and receipts stand in all of them.
TEST(shopify_shapes, only_facts_leave_the_bodies) {
    for (const sample& one : samples())
        for (const std::string& topic : one.topics) {
            const std::string text = to_json(read(topic, body_of(one)));
            for (const char* hidden : {"jon", "Jon", "Smith", "4242", "555", "damaged", "1001", "note"})
                EXPECT_EQ(text.find(hidden), std::string::npos)
                    << one.file << ": " << hidden << " in " << text;
        }
}

TEST(shopify_shapes, the_samples_as_they_are_booked) {
    const auto& all = samples();
    EXPECT_EQ(read("orders/paid", body_of(all[0])).ignored, ignore_reason::test_mode);
    for (const sample& one : {all[1], all[2]}) {
        const event told = read(one.topics[0], body_of(one));
        EXPECT_TRUE(told.notice && told.states.empty()) << one.file;
        EXPECT_EQ(told.notice->order_ref, "820982911946154508");
    }
    const auto by_refund = read("refunds/create", body_of(all[3])).states;
    const auto by_transaction = read("order_transactions/create", body_of(all[4])).states;
    ASSERT_EQ(by_refund.size(), 1U);
    ASSERT_EQ(by_transaction.size(), 1U);
    for (const money_state& state : {by_refund[0], by_transaction[0]}) {
        EXPECT_EQ(state.money_key, "shopify:transaction:120560818172775265");
        EXPECT_EQ(state.parent, "shopify:order:820982911946154508");
        EXPECT_EQ(state.cumulative_minor, 4050);
        EXPECT_EQ(state.occurred_at, "2022-01-03T09:30:02-05:00");
    }
    const auto won = read("disputes/update", body_of(all[6])).states;
    ASSERT_EQ(won.size(), 2U);
    EXPECT_EQ(won[0].kind, money_kind::chargeback);
    EXPECT_EQ(won[1].kind, money_kind::chargeback_reversal);
    for (const money_state& state : won) {
        EXPECT_EQ(state.cumulative_minor, 38800);
        EXPECT_EQ(state.version_at, "2022-03-10T11:00:00.000005-05:00");
    }
    EXPECT_EQ(won[0].occurred_at, "2022-01-10T19:00:00-05:00");
    EXPECT_EQ(won[1].occurred_at, "2022-03-10T11:00:00-05:00");
}
