#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/channels/rule_set.hpp"

using namespace attribution::channels;

namespace {

std::shared_ptr<const source_categories> sites() {
    return std::make_shared<const source_categories>(std::vector<source_entry>{{"google", "search"},
                                                                               {"bing", "search"},
                                                                               {"search.yahoo.com", "search"},
                                                                               {"plus.google.com", "social"},
                                                                               {"facebook", "social"},
                                                                               {"t.co", "social"},
                                                                               {"youtube", "video"},
                                                                               {"amazon", "shopping"}});
}

rule make_rule(std::string name, int priority, std::string channel) {
    rule result;
    result.name = std::move(name);
    result.priority = priority;
    result.channel = std::move(channel);
    return result;
}

// A cut of GA4's default channel groups.
rule_set default_groups() {
    std::vector<rule> rules;
    rule direct = make_rule("direct", 10, "direct");
    direct.source_like = {{"(direct)"}};
    direct.medium_like = {{"(none)", "(not set)"}};
    rule paid_shopping = make_rule("paid_shopping", 20, "paid_shopping");
    paid_shopping.campaign_like = {{"shop*", "*[!a-df-z]shop*", "*shopping*"}};
    paid_shopping.medium_like = {{"*cp*", "ppc", "retargeting", "paid*"}};
    rule paid_search = make_rule("paid_search", 30, "paid_search");
    paid_search.source_category = "search";
    paid_search.medium_like = paid_shopping.medium_like;
    rule click = make_rule("paid_search_click", 31, "paid_search");
    click.click_id_in = {{"gclid", "MSCLKID"}};
    rule social = make_rule("organic_social", 40, "organic_social");
    social.source_category = "social";
    rule search = make_rule("organic_search", 50, "organic_search");
    search.source_category = "search";
    search.medium_like = {{"", "organic"}};
    rule referral = make_rule("referral", 90, "referral");
    referral.referrer_like = {{"?*"}};
    // Out of order on purpose.
    for (const rule& one : {referral, search, social, click, paid_search, paid_shopping, direct})
        rules.push_back(one);
    return rule_set(rules, sites());
}

std::string channel_of(const signals& visit) {
    const rule_set rules = default_groups();
    const rule* found = rules.match(visit);
    return found == nullptr ? "unknown" : found->channel;
}

signals visit(std::string source, std::string medium, std::string campaign = {}, std::string referrer = {},
              std::string click = {}) {
    signals result;
    result.source = std::move(source);
    result.medium = std::move(medium);
    result.campaign = std::move(campaign);
    result.referrer_host = std::move(referrer);
    result.click_id = std::move(click);
    return result;
}

}  // namespace

TEST(source_categories, by_name_label_and_host) {
    const auto known = sites();
    EXPECT_EQ(known->category_of("google"), "search");
    EXPECT_EQ(known->category_of("GOOGLE"), "search");
    EXPECT_EQ(known->category_of("www.google.co.uk"), "search");
    EXPECT_EQ(known->category_of("plus.google.com"), "social");
    EXPECT_EQ(known->category_of("uk.search.yahoo.com."), "search");
    EXPECT_EQ(known->category_of("l.facebook.com"), "social");
    EXPECT_EQ(known->category_of("t.co"), "social");
    EXPECT_EQ(known->category_of("google.amazon.com"), "shopping");
}

TEST(source_categories, not_by_look_alikes) {
    const auto known = sites();
    for (const char* source : {"", "shop.google", "fakegoogle.com", "google-fake.com", "yahoo.com",
                               "xsearch.yahoo.com", "at.co", "com", "googles", ".", "..", "mail yahoo"})
        EXPECT_EQ(known->category_of(source), "") << source;
    EXPECT_EQ(source_categories{}.category_of("google"), "");
}

TEST(rule_set, default_channel_groups) {
    EXPECT_EQ(channel_of(visit("(direct)", "(none)")), "direct");
    EXPECT_EQ(channel_of(visit("google", "cpc")), "paid_search");
    EXPECT_EQ(channel_of(visit("Google", "CPC", "Spring Shopping")), "paid_shopping");
    EXPECT_EQ(channel_of(visit("google", "cpc", "bishop")), "paid_search");
    EXPECT_EQ(channel_of(visit("google", "organic")), "organic_search");
    EXPECT_EQ(channel_of(visit("", "", "", "www.google.de")), "organic_search");
    EXPECT_EQ(channel_of(visit("", "", "", "l.facebook.com")), "organic_social");
    EXPECT_EQ(channel_of(visit("", "", "", "blog.example.com")), "referral");
    EXPECT_EQ(channel_of(visit("", "", "", "", "gclid")), "paid_search");
    EXPECT_EQ(channel_of(visit("", "", "", "", "msclkid")), "paid_search");
    EXPECT_EQ(channel_of(visit("", "")), "unknown");
    EXPECT_EQ(channel_of(visit("newsletter", "print")), "unknown");
}

TEST(rule_set, the_source_of_the_link_goes_before_the_referrer) {
    EXPECT_EQ(channel_of(visit("facebook", "", "", "www.google.com")), "organic_social");
    EXPECT_EQ(channel_of(visit("newsletter", "", "", "www.google.com")), "referral");
}

TEST(rule_set, tries_by_priority_then_name) {
    rule late = make_rule("a", 2, "late");
    rule second = make_rule("c", 1, "second");
    rule first = make_rule("b", 1, "first");
    for (rule* one : {&late, &second, &first}) one->source_like = {{"*"}};
    const rule_set rules({late, second, first}, nullptr);
    EXPECT_EQ(rules.match(signals{})->channel, "first");
}

TEST(rule_set, every_given_condition_must_hold) {
    rule both = make_rule("both", 1, "x");
    both.source_like = {{"a", "b"}};
    both.medium_like = {{"m"}};
    rule never = make_rule("never", 0, "y");
    never.source_like = std::vector<std::string>{};
    const rule_set rules({both, never}, nullptr);
    EXPECT_NE(rules.match(visit("b", "m")), nullptr);
    EXPECT_EQ(rules.match(visit("b", "")), nullptr);
    EXPECT_EQ(rules.match(visit("c", "m")), nullptr);
    EXPECT_EQ(rules.match(visit("b", "m"))->name, "both");
}

TEST(rule_set, without_categories_no_category_holds) {
    rule search = make_rule("search", 1, "x");
    search.source_category = "search";
    EXPECT_EQ(rule_set({search}, nullptr).match(visit("google", "")), nullptr);
    EXPECT_EQ(rule_set{}.match(visit("google", "")), nullptr);
    EXPECT_TRUE(rule_set{}.empty());
}
