#include "server/commands.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <iostream>

#include "server/db/api_key.hpp"
#include "server/db/pool.hpp"
#include "server/startup_check.hpp"
#include "server/webhooks/secret_box.hpp"

namespace attribution {

namespace {

namespace asio = boost::asio;

constexpr db::statement create_webhook_endpoint{
    "create_webhook_endpoint",
    "SELECT attribution.create_webhook_endpoint(tenant_id => $1::uuid, provider => $2, account => $3,"
    " secret_ciphertext => $4::bytea, books_revenue => $5::boolean)"};

constexpr db::statement create_api_key{"create_api_key",
                                       "SELECT attribution.create_api_key(tenant_id => $1::uuid, key_id => "
                                       "$2, key_hash => $3::bytea, name => $4)"};

std::string bytea(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "\\x";
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

void print_warning(void*, const PGresult* notice) {
    const auto print = [notice](const char* what, int code) {
        if (const char* text = PQresultErrorField(notice, code); text != nullptr)
            std::cerr << what << ": " << text << '\n';
    };
    print("warning", PG_DIAG_MESSAGE_PRIMARY);
    print("detail", PG_DIAG_MESSAGE_DETAIL);
    print("hint", PG_DIAG_MESSAGE_HINT);
}

// One call as attribution_admin; its only value.
std::string ask_as_admin(const config& c, const db::call& what) {
    asio::io_context io(1);
    asio::thread_pool workers(1);
    db::pool database(io.get_executor(), workers,
                      {.connect = {.conninfo = c.database, .on_warning = &print_warning}, .size = 1});
    std::vector<db::result> results;
    std::exception_ptr failed;
    asio::co_spawn(io, database.transaction(db::as_admin, {&what, 1}),
                   [&](std::exception_ptr e, std::vector<db::result> r) {
                       failed = std::move(e);
                       results = std::move(r);
                   });
    io.run();
    workers.join();
    if (!failed) return std::string(results.at(0).text(0, 0));
    try {
        std::rethrow_exception(failed);
    } catch (const db::error& e) {
        throw explain(e);
    }
}

}  // namespace

void create_endpoint(const config& c) {
    const webhooks::secret_box box(read_master_key(c));
    std::optional<std::string> books_revenue;
    if (c.books_revenue != "auto") books_revenue = c.books_revenue;
    const db::call what(create_webhook_endpoint, c.tenant, c.provider, c.account,
                        bytea(box.encrypt(read_secret(c.secret_file))), books_revenue);
    std::cout << ask_as_admin(c, what) << '\n';
}

void create_key(const config& c) {
    const db::api_key made = db::make_api_key();
    std::optional<std::string> name;
    if (!c.name.empty()) name = c.name;
    const db::call what(create_api_key, c.tenant, made.id, made.hash, name);
    ask_as_admin(c, what);
    std::cout << made.text << '\n';
}

void make_master_key() {
    std::cout << webhooks::secret_box::make_master_key() << '\n';
}

}  // namespace attribution
