// What attributiond was asked to do: from flags, ATTRIBUTION_* variables and a file, in this order of
// precedence.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace attribution {

// Something the person who starts the program has to change; what() says what, the hint how.
class setup_error : public std::runtime_error {
  public:
    explicit setup_error(const std::string& message, std::string hint = {})
        : std::runtime_error(message), hint_(std::move(hint)) {}
    const std::string& hint() const noexcept { return hint_; }

  private:
    std::string hint_;
};

enum class command : std::uint8_t {
    serve,
    create_endpoint,
    list_endpoints,
    rotate_secret,
    retire_secret,
    reencrypt_secrets,
    create_key,
    make_master_key,
    nothing
};

struct config {
    command what = command::serve;
    int exit_code = 0;  // with `nothing`: help was shown, or the arguments were wrong

    std::string database;  // libpq conninfo
    std::string secret_key_file;

    std::string listen = "127.0.0.1";
    std::uint16_t port = 8000;  // of one service alone, unless it is given: see port_of()
    std::string tls_certificate;
    std::string tls_key;
    std::vector<std::string> services{"webhooks", "ingestion", "attribution", "export", "health"};
    std::string log_level = "info";
    std::size_t connections = 1024;
    std::uint64_t body_limit = std::uint64_t{1024} * 1024;
    std::size_t database_connections = 4;
    std::size_t report_connections = 4;
    std::size_t ingestion_connections = 2;
    std::size_t exports = 4;
    double export_timeout = 3600;  // seconds, here and below
    double write_timeout = 30;
    double header_timeout = 10;
    double body_timeout = 30;
    double idle_timeout = 75;
    double drain_timeout = 25;
    double endpoint_cache = 5;
    std::string trusted_certificates;
    std::string paypal_certificates;
    std::string client_address_header;

    std::string tenant;
    std::string endpoint;
    std::string name;
    std::string provider;
    std::string account;
    std::string books_revenue = "auto";
    std::string signature = "provider";
    std::string secret_file = "-";
    bool key_is_lost = false;
    bool publishable = false;
    std::vector<std::string> origins;
    std::optional<int> rate_limit;

    bool runs(const std::string& service) const;
};

std::chrono::milliseconds to_milliseconds(double seconds);

// Prints help or what is wrong by itself; the answer is then `nothing`.
config read_config(int argc, const char* const* argv);

// The master keys from secret_key_file or ATTRIBUTION_SECRET_KEY, apart by white space: the first encrypts,
// the others are older ones that only decrypt. Throws setup_error when there is none.
std::vector<std::string> read_master_keys(const config& c);

// The content of a file ("-": standard input) without the line ends after it. Throws setup_error.
std::string read_secret(const std::string& file);

}  // namespace attribution
