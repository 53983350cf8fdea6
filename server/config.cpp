#include "server/config.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "server/webhooks/provider.hpp"

namespace attribution {

namespace {

constexpr const char* examples = R"(Examples:
  (umask 077; attributiond keygen > secret-key)
  attributiond endpoint create --tenant 0193… --provider shopify --account demo.myshopify.com --secret-file - \
      --secret-key-file secret-key --database 'host=/run/postgresql user=postgres dbname=attribution'
  attributiond endpoint rotate-secret --endpoint whe_… --secret-file - --secret-key-file secret-key --database '…'
  attributiond key create --tenant 0193… --name dashboard --database '…'
  attributiond key create --tenant 0193… --publishable --origin https://shop.example --database '…'
  attributiond serve --secret-key-file secret-key --database 'host=/run/postgresql user=attributiond dbname=attribution'

Secrets come from files, standard input or the environment, never from arguments, which every user of the machine can
read: the master key from --secret-key-file or ATTRIBUTION_SECRET_KEY, a database password from ~/.pgpass, PGPASSWORD or
ATTRIBUTION_DATABASE. The database needs CREATE EXTENSION pg_attribution; SELECT attribution.migrate(); and a login:
  CREATE ROLE attributiond LOGIN NOINHERIT; GRANT attribution_server TO attributiond;)";

void add_database_options(CLI::App& app, config& c) {
    app.add_option("--database", c.database,
                   "libpq connection string; empty: libpq's own variables (PGHOST, …)")
        ->envname("ATTRIBUTION_DATABASE")
        ->group("Database and secrets");
    app.add_option("--secret-key-file", c.secret_key_file,
                   "file with the master key (made by keygen); further lines: older keys, which only decrypt")
        ->envname("ATTRIBUTION_SECRET_KEY_FILE")
        ->group("Database and secrets");
}

void add_serve_options(CLI::App& app, config& c) {
    const auto seconds = CLI::Range(0.05, 3600.0);
    const auto add = [&](const char* flag, auto& into, const char* text, const char* variable) {
        return app.add_option(flag, into, text)->envname(variable)->capture_default_str()->group("Serving");
    };
    add("--listen", c.listen, "address to listen on", "ATTRIBUTION_LISTEN");
    add("--port", c.port,
        "TCP port; 0: any free one (it is in the log). Of one service alone, unless it is given: webhooks "
        "8000, ingestion "
        "8001, attribution 8002, export 8005, health 8006",
        "ATTRIBUTION_PORT");
    add("--services", c.services, "what runs in this process", "ATTRIBUTION_SERVICES")
        ->delimiter(',')
        ->check(CLI::IsMember({"webhooks", "ingestion", "attribution", "export", "health"}));
    CLI::Option* const certificate = add("--tls-certificate", c.tls_certificate, "PEM chain; with it, HTTPS",
                                         "ATTRIBUTION_TLS_CERTIFICATE");
    CLI::Option* const key = add("--tls-key", c.tls_key, "PEM key of the certificate", "ATTRIBUTION_TLS_KEY");
    certificate->needs(key);
    key->needs(certificate);
    add("--log-level", c.log_level, "lowest level that is logged", "ATTRIBUTION_LOG_LEVEL")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
    add("--max-connections", c.connections, "clients at a time; more wait", "ATTRIBUTION_MAX_CONNECTIONS")
        ->check(CLI::Range(1, 100'000));
    add("--body-limit", c.body_limit, "largest body in bytes", "ATTRIBUTION_BODY_LIMIT")
        ->check(CLI::Range(1, 1 << 30));
    add("--database-connections", c.database_connections, "pool for look-ups",
        "ATTRIBUTION_DATABASE_CONNECTIONS")
        ->check(CLI::Range(1, 100));
    add("--report-connections", c.report_connections,
        "pool for reports; one tenant has one less at most, unless it is 1", "ATTRIBUTION_REPORT_CONNECTIONS")
        ->check(CLI::Range(1, 100));
    add("--ingestion-connections", c.ingestion_connections, "connections that store batches",
        "ATTRIBUTION_INGESTION_CONNECTIONS")
        ->check(CLI::Range(1, 100));
    add("--exports", c.exports,
        "exports at a time, each on a database connection of its own; more are answered 503",
        "ATTRIBUTION_EXPORTS")
        ->check(CLI::Range(1, 100));
    add("--export-timeout", c.export_timeout, "seconds that an export may take", "ATTRIBUTION_EXPORT_TIMEOUT")
        ->check(CLI::Range(0.05, 86'400.0));
    add("--write-timeout", c.write_timeout,
        "seconds for a client to take an answer, or the next piece of an export", "ATTRIBUTION_WRITE_TIMEOUT")
        ->check(seconds);
    add("--header-timeout", c.header_timeout, "seconds for a request's header", "ATTRIBUTION_HEADER_TIMEOUT")
        ->check(seconds);
    add("--body-timeout", c.body_timeout, "seconds for a request's body", "ATTRIBUTION_BODY_TIMEOUT")
        ->check(seconds);
    add("--idle-timeout", c.idle_timeout, "seconds between requests", "ATTRIBUTION_IDLE_TIMEOUT")
        ->check(seconds);
    add("--drain-timeout", c.drain_timeout, "seconds to finish after SIGTERM", "ATTRIBUTION_DRAIN_TIMEOUT")
        ->check(seconds);
    add("--endpoint-cache", c.endpoint_cache, "seconds for which an endpoint or an API key is remembered",
        "ATTRIBUTION_ENDPOINT_CACHE")
        ->check(seconds);
    add("--trusted-certificates", c.trusted_certificates,
        "PEM file of the roots to which a signer's certificate must lead; empty: the system's",
        "ATTRIBUTION_TRUSTED_CERTIFICATES");
    add("--paypal-certificates", c.paypal_certificates,
        "PEM file with PayPal's certificates; with it, none is fetched from PayPal",
        "ATTRIBUTION_PAYPAL_CERTIFICATES");
    add("--client-address-header", c.client_address_header,
        "header in which the proxy in front writes the client's address, such as X-Forwarded-For; without "
        "one that of the connection counts. For rate limits only",
        "ATTRIBUTION_CLIENT_ADDRESS_HEADER");
}

void add_create_endpoint(CLI::App& endpoint, config& c) {
    // Only providers whose deliveries this server takes.
    std::vector<std::string> providers;
    for (const webhooks::provider* p : webhooks::providers()) providers.emplace_back(p->name);

    CLI::App* const create =
        endpoint.add_subcommand("create", "Make an endpoint and print its id")->fallthrough();
    create->add_option("--tenant", c.tenant, "tenant id")->required();
    create->add_option("--provider", c.provider, "who will call it")
        ->required()
        ->check(CLI::IsMember(providers));
    create
        ->add_option("--account", c.account,
                     "the shop's domain or the account's id, e.g. demo.myshopify.com or acct_…")
        ->required();
    create
        ->add_option("--secret-file", c.secret_file,
                     "file with the provider's signing secret; -: standard input")
        ->required();
    create
        ->add_option("--books-revenue", c.books_revenue, "whether its deliveries are booked or only evidence")
        ->check(CLI::IsMember({"auto", "true", "false"}))
        ->capture_default_str();
    create
        ->add_option("--signature", c.signature,
                     "who signs: the provider, or a relay of your own (hmac: X-Attribution-Signature)")
        ->check(CLI::IsMember({"provider", "hmac"}))
        ->capture_default_str();
    create->callback([&c] { c.what = command::create_endpoint; });
}

void add_endpoint_commands(CLI::App& app, config& c) {
    CLI::App* const endpoint =
        app.add_subcommand("endpoint", "Webhook endpoints")->fallthrough()->require_subcommand(1);
    const auto add = [&](const char* name, const char* text, command what) {
        CLI::App* const made = endpoint->add_subcommand(name, text)->fallthrough();
        made->callback([&c, what] { c.what = what; });
        return made;
    };
    add_create_endpoint(*endpoint, c);
    add("list",
        "Print all endpoints: id, tenant, provider, account, status, who books, number of secrets, who signs",
        command::list_endpoints);
    CLI::App* const rotate =
        add("rotate-secret", "Give an endpoint a new secret; the current one stays valid as the previous",
            command::rotate_secret);
    rotate->add_option("--endpoint", c.endpoint, "endpoint id")->required();
    rotate->add_option("--secret-file", c.secret_file, "file with the new signing secret; -: standard input")
        ->capture_default_str();
    rotate->add_flag("--key-lost", c.key_is_lost,
                     "also when the present secret is under a master key that is lost");
    add("retire-secret", "Stop accepting an endpoint's previous secret", command::retire_secret)
        ->add_option("--endpoint", c.endpoint, "endpoint id")
        ->required();
    add("reencrypt", "Encrypt all secrets again that are not under the first master key",
        command::reencrypt_secrets);
}

void add_key_commands(CLI::App& app, config& c) {
    CLI::App* const key = app.add_subcommand("key", "API keys")->fallthrough()->require_subcommand(1);
    CLI::App* const make = key->add_subcommand("create", "Make an API key and print it, once")->fallthrough();
    make->add_option("--tenant", c.tenant, "tenant id")->required();
    make->add_option("--name", c.name, "what the key is for");
    CLI::Option* const publishable =
        make->add_flag("--publishable", c.publishable,
                       "for a shop's pages: it can send touchpoints from --origin, and nothing else");
    CLI::Option* const origin = make->add_option(
        "--origin", c.origins, "whose pages may use it, such as https://shop.example; may be repeated");
    publishable->needs(origin);
    origin->needs(publishable);
    make->add_option("--rate-limit", c.rate_limit,
                     "touchpoints that it may send a minute (6,000 when left out)")
        ->check(CLI::Range(1, 1'000'000))
        ->needs(publishable);
    make->callback([&c] { c.what = command::create_key; });
}

void add_commands(CLI::App& app, config& c) {
    app.require_subcommand(0, 1);
    app.add_subcommand("serve", "Run the server (the default)")->fallthrough()->callback([&c] {
        c.what = command::serve;
    });
    app.add_subcommand("keygen", "Print a new master key")->fallthrough()->callback([&c] {
        c.what = command::make_master_key;
    });

    add_endpoint_commands(app, c);
    add_key_commands(app, c);
}

// libpq accepts password=… in a connection string; in an argument it would be public.
void refuse_password_in_arguments(int argc, const char* const* argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const bool in_keywords = argument.find("password=") != std::string_view::npos ||
                                 argument.find("password =") != std::string_view::npos;
        const auto scheme = argument.find("://");
        const auto at = argument.find('@');
        const bool in_uri = scheme != std::string_view::npos && at != std::string_view::npos && at > scheme &&
                            argument.substr(scheme + 3, at - scheme - 3).find(':') != std::string_view::npos;
        if (in_keywords || in_uri)
            throw setup_error("an argument holds a password",
                              "use ~/.pgpass, PGPASSWORD or ATTRIBUTION_DATABASE");
    }
}

}  // namespace

namespace {

// So that services can be started one by one on a machine.
std::uint16_t port_of(const std::string& service) {
    if (service == "ingestion") return 8001;
    if (service == "attribution") return 8002;
    if (service == "export") return 8005;
    if (service == "health") return 8006;
    return 8000;
}

}  // namespace

bool config::runs(const std::string& service) const {
    return std::find(services.begin(), services.end(), service) != services.end();
}

std::chrono::milliseconds to_milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

config read_config(int argc, const char* const* argv) {
    config c;
    CLI::App app("attributiond: takes signed webhooks into pg_attribution and answers reports from it",
                 "attributiond");
    app.footer(examples);
    app.set_version_flag("--version", ATTRIBUTION_VERSION);
    app.set_config("--config", "", "file with any of these options, as option=value")
        ->envname("ATTRIBUTION_CONFIG");
    add_database_options(app, c);
    add_serve_options(app, c);
    add_commands(app, c);
    refuse_password_in_arguments(argc, argv);
    try {
        app.parse(argc, argv);
        if (c.services.size() == 1 && app.get_option("--port")->count() == 0) c.port = port_of(c.services[0]);
    } catch (const CLI::ParseError& e) {
        c.what = command::nothing;
        c.exit_code = app.exit(e) == 0 ? 0 : 2;
    }
    return c;
}

std::string read_secret(const std::string& file) {
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
        if (!opened)
            throw setup_error("cannot read " + file,
                              "check that the file exists and that this user may read it");
    }
    std::istream& from = file == "-" ? std::cin : opened;
    std::string text{std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.find_first_not_of(" \t") == std::string::npos)
        throw setup_error((file == "-" ? std::string("standard input") : file) + " holds no secret",
                          "write the secret there, on one line");
    return text;
}

std::vector<std::string> read_master_keys(const config& c) {
    std::string text;
    if (!c.secret_key_file.empty()) {
        text = read_secret(c.secret_key_file);
    } else if (const char* const from_environment =
                   std::getenv("ATTRIBUTION_SECRET_KEY");  // NOLINT(concurrency-mt-unsafe)
               from_environment != nullptr) {
        text = from_environment;
    }
    std::istringstream words(text);
    std::vector<std::string> keys{std::istream_iterator<std::string>(words), {}};
    if (keys.empty())
        throw setup_error("the master key is missing",
                          "make one with `attributiond keygen > FILE` and give --secret-key-file FILE or "
                          "ATTRIBUTION_SECRET_KEY; without it the secrets of endpoints cannot be read");
    return keys;
}

}  // namespace attribution
