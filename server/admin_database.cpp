#include "server/admin_database.hpp"

#include <sodium.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "server/startup_check.hpp"

namespace attribution {

namespace {

constexpr std::string_view bytea_prefix = "\\x";

void print_warning(void*, const PGresult* notice) {
    const auto print = [notice](const char* what, int code) {
        if (const char* text = PQresultErrorField(notice, code); text != nullptr)
            std::cerr << what << ": " << text << '\n';
    };
    print("warning", PG_DIAG_MESSAGE_PRIMARY);
    print("detail", PG_DIAG_MESSAGE_DETAIL);
    print("hint", PG_DIAG_MESSAGE_HINT);
}

}  // namespace

admin_database::admin_database(const std::string& conninfo)
    : database_(io_.get_executor(), workers_,
                {.connect = {.conninfo = conninfo, .on_warning = &print_warning}, .size = 1}) {}

db::result admin_database::ask(const db::call& what) {
    std::vector<db::result> results;
    std::exception_ptr failed;
    boost::asio::co_spawn(io_, database_.transaction(db::as_admin, {&what, 1}),
                          [&](std::exception_ptr e, std::vector<db::result> r) {
                              failed = std::move(e);
                              results = std::move(r);
                          });
    io_.restart();
    io_.run();
    if (!failed) return std::move(results.at(0));
    try {
        std::rethrow_exception(failed);
    } catch (const db::error& e) {
        throw explain(e);
    }
}

std::string to_bytea(std::string_view bytes) {
    std::string hex(bytes.size() * 2 + 1, '\0');  // and the terminator that sodium_bin2hex writes
    sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
    hex.pop_back();
    return std::string(bytea_prefix) + hex;
}

std::string from_bytea(std::string_view text) {
    if (!text.starts_with(bytea_prefix)) throw std::runtime_error("the database did not give bytes in hex");
    text.remove_prefix(bytea_prefix.size());
    std::string bytes(text.size() / 2, '\0');
    std::size_t size = 0;
    if (sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(),
                       nullptr, &size, nullptr) != 0 ||
        size * 2 != text.size())
        throw std::runtime_error("the database did not give bytes in hex");
    return bytes;
}

}  // namespace attribution
