#include "server/serve.hpp"

#include <sys/resource.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <list>
#include <memory>
#include <optional>

#include "server/attribution/ad_spend.hpp"
#include "server/attribution/channel_performance.hpp"
#include "server/attribution/event_allocations.hpp"
#include "server/attribution/model_list.hpp"
#include "server/attribution/realtime_revenue.hpp"
#include "server/docs/docs.hpp"
#include "server/export/revenue_export.hpp"
#include "server/health/health.hpp"
#include "server/http/listener.hpp"
#include "server/http/log.hpp"
#include "server/ingestion/dead_letters.hpp"
#include "server/ingestion/event_intake.hpp"
#include "server/ingestion/local_gateway.hpp"
#include "server/ingestion/pg_event_store.hpp"
#include "server/ingestion/touchpoint_intake.hpp"
#include "server/ingestion/tracker_script.hpp"
#include "server/startup_check.hpp"
#include "server/webhooks/certificate_source.hpp"
#include "server/webhooks/receiver.hpp"

namespace attribution {

namespace {

namespace asio = boost::asio;

// All parts of one process, in the order in which they depend on each other.
class server {
  public:
    explicit server(const config& c);

    int run();

  private:
    task<void> live();
    task<void> report_database();
    task<void> flush_logs();
    task<void> wait_for_signal();
    task<bool> drain();
    http::listener_options listener_options() const;
    std::vector<std::unique_ptr<ingestion::event_store>> make_stores();
    void make_certificates(const config& c);
    void mount_services();

    const config& config_;
    asio::io_context io_{1};
    asio::thread_pool workers_{2};
    db::pool database_;
    db::tenant_pool report_connections_;  // who sends events waits for look-ups, not for reports
    report::pools for_reports_{database_, report_connections_};
    db::pool export_connections_;
    ingestion::batcher batcher_;
    ingestion::event_writer writer_;
    ingestion::local_gateway gateway_;
    ingestion::tenant_finder tenants_;
    ingestion::event_intake intake_;
    ingestion::touchpoint_intake touchpoints_;
    ingestion::tracker_script tracker_script_;
    ingestion::dead_letters dead_letters_;
    std::optional<webhooks::secret_box> secrets_;
    std::optional<webhooks::certificate_source> certificates_;
    std::list<webhooks::receiver> receivers_;  // one per provider
    revenue::realtime_revenue realtime_revenue_;
    spend::ad_spend ad_spend_;
    report::channel_performance channel_performance_;
    report::model_list model_list_;
    report::event_allocations event_allocations_;
    exports::revenue_export revenue_export_;
    health::health health_;
    docs::docs docs_{config_.services};
    http::router router_;
    std::optional<http::listener> listener_;
    std::exception_ptr failed_;
    bool all_done_ = false;
};

// Each connection takes a descriptor, and the usual limit of 1,024 is no more than our own: without room to
// spare newcomers would wait for idle clients to leave.
void allow_descriptors(std::size_t connections) {
    constexpr rlim_t others = 128;  // database, logs, listener
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t wanted = std::min<rlim_t>(connections + others, limit.rlim_max);
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

db::connect_options connect_options(const config& c) {
    return {.conninfo = c.database};
}

server::server(const config& c)
    : config_(c),
      database_(io_.get_executor(), workers_,
                {.connect = connect_options(c), .size = c.database_connections}),
      report_connections_(io_.get_executor(), workers_,
                          {.connect = connect_options(c), .size = c.report_connections}),
      export_connections_(
          io_.get_executor(), workers_,
          {.connect = {.conninfo = c.database, .statement_timeout = to_milliseconds(c.export_timeout)},
           .size = c.exports}),
      batcher_(io_.get_executor(), make_stores(), {}),
      writer_(batcher_),
      gateway_(database_, writer_, {.found_for = to_milliseconds(c.endpoint_cache)}),
      tenants_(database_, {.found_for = to_milliseconds(c.endpoint_cache)}),
      intake_(tenants_, writer_),
      touchpoints_(database_, {.found_for = to_milliseconds(c.endpoint_cache)}, writer_,
                   c.client_address_header),
      dead_letters_(database_, tenants_),
      realtime_revenue_(for_reports_),
      ad_spend_(for_reports_),
      channel_performance_(for_reports_),
      model_list_(for_reports_),
      event_allocations_(for_reports_),
      revenue_export_(database_, export_connections_, c.exports, workers_),
      health_(database_, ATTRIBUTION_VERSION, c.services) {
    if (c.runs("webhooks")) {
        if (!c.runs("ingestion"))
            throw setup_error("webhooks runs without ingestion", "start both: --services webhooks,ingestion");
        secrets_.emplace(read_master_keys(c));
        make_certificates(c);
        for (const webhooks::provider* from : webhooks::providers())
            receivers_.emplace_back(*from, gateway_, *secrets_, *certificates_);
    }
    mount_services();
}

void server::make_certificates(const config& c) {
    try {
        certificates_.emplace(workers_,
                              webhooks::certificate_options{c.trusted_certificates, c.paypal_certificates});
    } catch (const std::runtime_error& e) {
        throw setup_error(std::string("certificates cannot be read: ") + e.what(),
                          "give PEM files to --trusted-certificates and --paypal-certificates, or neither");
    }
}

std::vector<std::unique_ptr<ingestion::event_store>> server::make_stores() {
    std::vector<std::unique_ptr<ingestion::event_store>> stores;
    for (std::size_t i = 0; i < config_.ingestion_connections; ++i)
        stores.push_back(std::make_unique<ingestion::pg_event_store>(workers_, connect_options(config_)));
    return stores;
}

void server::mount_services() {
    for (webhooks::receiver& r : receivers_) r.mount_on(router_);
    if (config_.runs("ingestion")) {
        router_.mount(intake_, ingestion::event_intake::routes());
        router_.mount(touchpoints_, ingestion::touchpoint_intake::routes());
        router_.mount(tracker_script_, ingestion::tracker_script::routes());
        router_.mount(dead_letters_, ingestion::dead_letters::routes());
    }
    if (config_.runs("attribution")) {
        router_.mount(realtime_revenue_, revenue::realtime_revenue::routes());
        router_.mount(ad_spend_, spend::ad_spend::routes());
        router_.mount(channel_performance_, report::channel_performance::routes());
        router_.mount(model_list_, report::model_list::routes());
        router_.mount(event_allocations_, report::event_allocations::routes());
    }
    if (config_.runs("export")) router_.mount(revenue_export_, exports::revenue_export::routes());
    if (config_.runs("health")) router_.mount(health_, health::health::routes());
    router_.mount(docs_, docs::docs::routes());
}

http::listener_options server::listener_options() const {
    http::listener_options options{
        config_.listen, config_.port, config_.tls_certificate, config_.tls_key, {}};
    options.bounds.body_bytes = config_.body_limit;
    options.bounds.connections = config_.connections;
    options.bounds.header_timeout = to_milliseconds(config_.header_timeout);
    options.bounds.body_timeout = to_milliseconds(config_.body_timeout);
    options.bounds.write_timeout = to_milliseconds(config_.write_timeout);
    options.bounds.idle_timeout = to_milliseconds(config_.idle_timeout);
    return options;
}

int server::run() {
    asio::co_spawn(io_, live(), [this](std::exception_ptr e) {
        failed_ = std::move(e);
        io_.stop();
    });
    io_.run();
    log::write(log::level::info, "stopped", "all_done", all_done_);
    log::flush();
    // Something still hangs in the database. What was not answered will be sent again.
    if (!failed_ && !all_done_) std::_Exit(0);
    workers_.stop();
    workers_.join();
    if (failed_) std::rethrow_exception(failed_);
    return 0;
}

task<void> server::live() {
    allow_descriptors(config_.connections);
    co_await report_database();
    listener_.emplace(io_, listener_options(), router_);
    log::write(log::level::info, "listening", "address", config_.listen, "port", listener_->port(), "version",
               ATTRIBUTION_VERSION);
    log::flush();
    asio::co_spawn(io_, flush_logs(), asio::detached);
    co_await wait_for_signal();
    log::write(log::level::info, "draining", "connections", listener_->connections());
    all_done_ = co_await drain();
}

// A database that is away may come back; one that is not set up will not be by waiting.
task<void> server::report_database() {
    try {
        co_await check_database(database_);
    } catch (const db::error& e) {
        log::write(log::level::warn, "database_unavailable", "sqlstate", e.sqlstate(), "reason", e.what());
    }
}

task<void> server::flush_logs() {
    asio::steady_timer second(io_);
    while (true) {
        second.expires_after(std::chrono::seconds(1));
        co_await second.async_wait(asio::use_awaitable);
        log::flush();
    }
}

task<void> server::wait_for_signal() {
    asio::signal_set signals(io_, SIGTERM, SIGINT);
    co_await signals.async_wait(asio::use_awaitable);
}

task<bool> server::drain() {
    const bool finished = co_await listener_->drain(to_milliseconds(config_.drain_timeout));
    batcher_.stop();
    // Idle workers of the batcher see the end in the next turns of the loop.
    asio::steady_timer turn(io_);
    for (int i = 0; i < 100 && batcher_.is_busy(); ++i) {
        turn.expires_after(std::chrono::milliseconds(10));
        co_await turn.async_wait(asio::use_awaitable);
    }
    co_return finished && !batcher_.is_busy();
}

log::level level_of(const std::string& name) {
    if (name == "debug") return log::level::debug;
    if (name == "warn") return log::level::warn;
    if (name == "error") return log::level::error;
    return log::level::info;
}

}  // namespace

int serve(const config& c) {
    log::configure(level_of(c.log_level));
    return server(c).run();
}

}  // namespace attribution
