#include "core/pii/keys.hpp"

#include <gtest/gtest.h>

using namespace attribution;

TEST(pii_keys, every_personal_field_of_a_shopify_order_is_a_personal_key) {
    for (const char* key : {"email",
                            "contact_email",
                            "phone",
                            "customer",
                            "billing_address",
                            "shipping_address",
                            "browser_ip",
                            "client_details",
                            "note",
                            "note_attributes",
                            "tags",
                            "properties",
                            "payment_details",
                            "order_status_url",
                            "landing_site",
                            "landing_site_ref",
                            "referring_site",
                            "token",
                            "cart_token",
                            "checkout_token",
                            "first_name",
                            "last_name",
                            "name",
                            "address1",
                            "address2",
                            "company",
                            "city",
                            "zip",
                            "province",
                            "latitude",
                            "longitude",
                            "default_address",
                            "multipass_identifier",
                            "customer_id",
                            "user_id",
                            "user_agent"})
        EXPECT_TRUE(pii::is_personal_key(key)) << key;
}

TEST(pii_keys, spelling_of_a_key_does_not_matter) {
    for (const char* key : {"firstName",
                            "FirstName",
                            "FIRST_NAME",
                            "first-name",
                            "First Name",
                            "billing.first_name",
                            "shippingFirstName",
                            "customerEmail",
                            "E-Mail",
                            "eMail",
                            "contactPhone",
                            "billing_phone",
                            "phoneNumber",
                            "cartToken",
                            "orderStatusUrl",
                            "browserIP",
                            "ipAddress",
                            "customer_ip_address",
                            "billingName",
                            "shipping_name",
                            "customer_name",
                            "user_name",
                            "username",
                            "shippingCity",
                            "client_secret",
                            "receipt_email",
                            "ｅｍａｉｌ"})
        EXPECT_TRUE(pii::is_personal_key(key)) << key;
}

TEST(pii_keys, keys_of_our_own_rows_are_not_personal) {
    for (const char* key : {"rule_name",      "source_name",  "channel",        "campaign",
                            "campaign_name",  "product_name", "source",         "medium",
                            "content",        "term",         "referrer_host",  "click_id",
                            "landing_path",   "signals",      "payload",        "financial_status",
                            "currency",       "total_price",  "total_tax",      "line_item_count",
                            "discount_codes", "test",         "order_id",       "external_id",
                            "occurred_at",    "version_at",   "money_key",      "cumulative_minor",
                            "shipping_minor", "tax_minor",    "total_shipping", "version",
                            "delivery",       "digest",       "topic",          "endpoint_id",
                            "correlation_id", "length",       "code",           "detail",
                            "iphone",         "smartphone",   "velocity",       "capacity",
                            "elasticity",     "country_code", "state",          "",
                            "channel_name",   "event_name"})
        EXPECT_FALSE(pii::is_personal_key(key)) << key;
}

TEST(pii_keys, names_of_ids) {
    for (const char* name :
         {"id", "Id", "ID", "ids", "order_id", "orderId", "line_item_ids", "admin_graphql_api_id", "key",
          "money_key", "delivery_key", "parent", "parent_money_key", "order_ref", "journey_id"})
        EXPECT_TRUE(pii::is_id_name(name)) << name;
    for (const char* name : {"", "d", "paid", "PAID", "void", "grid", "campaign", "source", "idea", "keyword",
                             "detail", "id_text", "monkey", "href"})
        EXPECT_FALSE(pii::is_id_name(name)) << name;
}

TEST(pii_keys, ip_is_a_word_at_the_end_of_a_name) {
    for (const char* name : {"customer_purchase_ip", "purchaseIp", "PURCHASE_IP", "last-ip", "house_number",
                             "accountHolder", "line1"})
        EXPECT_TRUE(pii::is_personal_key(name)) << name;
    for (const char* name : {"membership", "zip_line_tip", "clip", "ship", "verified_email", "line10"})
        EXPECT_FALSE(pii::is_personal_key(name)) << name;
    for (const char* name : {"lineItemIds", "item2Id", "orderId"}) EXPECT_TRUE(pii::is_id_name(name)) << name;
    for (const char* name : {"Id2", "kIds2", "HID", "madrId_", "RapIds x"})
        EXPECT_FALSE(pii::is_id_name(name)) << name;
}
