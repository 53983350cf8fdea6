#include <iostream>

#include "core/providers/woocommerce_store.hpp"
#include "server/admin_database.hpp"
#include "server/commands.hpp"
#include "server/webhooks/secret_box.hpp"

namespace attribution {

namespace {

constexpr db::statement create_webhook_endpoint{
    "create_webhook_endpoint",
    "SELECT attribution.create_webhook_endpoint(tenant_id => $1::uuid, provider => $2, account => $3,"
    " secret_ciphertext => $4::bytea, books_revenue => $5::boolean, signature => $6)"};

constexpr db::statement list_webhook_endpoints{
    "list_webhook_endpoints",
    "SELECT w.endpoint_id, w.tenant_id, w.provider, w.account, w.status,"
    "       CASE WHEN w.books_revenue THEN 'books' ELSE 'evidence' END,"
    "       CASE WHEN w.previous_secret_ciphertext IS NULL THEN '1 secret' ELSE '2 secrets' END,"
    "       CASE w.signature WHEN 'hmac' THEN 'signed by a relay' ELSE 'signed by the provider' END"
    "  FROM attribution.webhook_endpoints AS w ORDER BY w.tenant_id, w.created_at, w.endpoint_id"};

constexpr db::statement current_secret{
    "current_secret",
    "SELECT w.secret_ciphertext FROM attribution.webhook_endpoints AS w WHERE w.endpoint_id = $1"};

constexpr db::statement rotate_webhook_secret{
    "rotate_webhook_secret",
    "SELECT attribution.rotate_webhook_secret(tenant_id => w.tenant_id, endpoint_id => w.endpoint_id,"
    "                                         secret_ciphertext => $2::bytea)"
    "  FROM attribution.webhook_endpoints AS w WHERE w.endpoint_id = $1"};

constexpr db::statement retire_webhook_secret{
    "retire_webhook_secret",
    "SELECT attribution.retire_webhook_secret(tenant_id => w.tenant_id, endpoint_id => w.endpoint_id)"
    "  FROM attribution.webhook_endpoints AS w WHERE w.endpoint_id = $1"};

constexpr db::statement list_webhook_secrets{
    "list_webhook_secrets", "SELECT endpoint_id, secret_ciphertext FROM attribution.list_webhook_secrets()"};

constexpr db::statement replace_webhook_secret{
    "replace_webhook_secret",
    "SELECT attribution.replace_webhook_secret(endpoint_id => $1, old_ciphertext => $2::bytea,"
    "                                          new_ciphertext => $3::bytea)"};

void require_endpoint(const db::result& r) {
    if (r.rows() == 0)
        throw setup_error("there is no endpoint with this id", "see `attributiond endpoint list`");
}

// A ciphertext that no key opens is another secret, for what it is worth. It is also a sign that the server
// has another master key than this command, and could not read what it is given.
bool holds(const webhooks::secret_box& box, std::string_view ciphertext, std::string_view secret,
           bool key_is_lost) {
    try {
        return box.decrypt(ciphertext) == secret;
    } catch (const std::runtime_error&) {
        if (key_is_lost) return false;
        throw setup_error("the endpoint's present secret is not under this master key; nothing was changed",
                          "give the file that the server has; if that key is lost, add --key-lost");
    }
}

struct progress {
    int done = 0;
    int changed_meanwhile = 0;
    int unreadable = 0;
};

// One secret in one transaction: when this is interrupted, what is done stays done.
void reencrypt(admin_database& database, const webhooks::secret_box& box, const std::string& endpoint_id,
               const std::string& old_bytea, progress& so_far) {
    const std::string old = from_bytea(old_bytea);
    if (box.is_current(old)) return;
    std::string secret;
    try {
        secret = box.decrypt(old);
    } catch (const std::runtime_error& e) {
        std::cerr << "error: " << endpoint_id << ": " << e.what() << '\n';
        ++so_far.unreadable;
        return;
    }
    const db::call what(replace_webhook_secret, endpoint_id, old_bytea, to_bytea(box.encrypt(secret)));
    ++(database.ask(what).text(0, 0) == "t" ? so_far.done : so_far.changed_meanwhile);
}

}  // namespace

void create_endpoint(const config& c) {
    if (c.provider == "woocommerce" && providers::woocommerce::store_of(c.account).empty())
        throw setup_error("the account of a WooCommerce endpoint is the URL of its store",
                          "give it as WordPress shows it: --account https://shop.example.com");
    const webhooks::secret_box box(read_master_keys(c));
    std::optional<std::string> books_revenue;
    if (c.books_revenue != "auto") books_revenue = c.books_revenue;
    const db::call what(create_webhook_endpoint, c.tenant, c.provider, c.account,
                        to_bytea(box.encrypt(read_secret(c.secret_file))), books_revenue, c.signature);
    std::cout << admin_database(c.database).ask(what).text(0, 0) << '\n';
}

void list_endpoints(const config& c) {
    const db::result endpoints = admin_database(c.database).ask(db::call(list_webhook_endpoints));
    for (int row = 0; row < endpoints.rows(); ++row) {
        for (int column = 0; column < 8; ++column)
            std::cout << (column == 0 ? "" : "\t") << endpoints.text(row, column);
        std::cout << '\n';
    }
}

void rotate_secret(const config& c) {
    const webhooks::secret_box box(read_master_keys(c));
    const std::string secret = read_secret(c.secret_file);
    admin_database database(c.database);
    const db::result current = database.ask(db::call(current_secret, c.endpoint));
    require_endpoint(current);
    // Given twice, the new secret would push out the one that deliveries are still signed with.
    if (holds(box, from_bytea(current.text(0, 0)), secret, c.key_is_lost))
        throw setup_error("the endpoint has this secret already", "nothing was changed");
    require_endpoint(
        database.ask(db::call(rotate_webhook_secret, c.endpoint, to_bytea(box.encrypt(secret)))));
    std::cout
        << "The new secret is accepted, and the one before it until `attributiond endpoint retire-secret "
           "--endpoint "
        << c.endpoint << "`.\n";
}

void retire_secret(const config& c) {
    const db::result retired = admin_database(c.database).ask(db::call(retire_webhook_secret, c.endpoint));
    require_endpoint(retired);
    std::cout << (retired.text(0, 0) == "t" ? "The previous secret is no longer accepted.\n"
                                            : "There is no previous secret.\n");
}

void reencrypt_secrets(const config& c) {
    const webhooks::secret_box box(read_master_keys(c));
    admin_database database(c.database);
    const db::result secrets = database.ask(db::call(list_webhook_secrets));
    progress so_far;
    for (int row = 0; row < secrets.rows(); ++row)
        reencrypt(database, box, std::string(secrets.text(row, 0)), std::string(secrets.text(row, 1)),
                  so_far);
    std::cout << "Encrypted again: " << so_far.done << " of " << secrets.rows() << " secrets.\n";
    if (so_far.changed_meanwhile > 0)
        throw setup_error(std::to_string(so_far.changed_meanwhile) + " secrets were changed meanwhile",
                          "run it again");
    if (so_far.unreadable > 0)
        throw setup_error(std::to_string(so_far.unreadable) + " secrets cannot be read",
                          "give the master key under which they were encrypted as a further line of the "
                          "file, or give these endpoints a new secret with `attributiond endpoint "
                          "rotate-secret --key-lost`");
}

}  // namespace attribution
