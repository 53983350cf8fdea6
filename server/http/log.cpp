#include "server/http/log.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <mutex>
#include <string>

#include "core/json/writer.hpp"

namespace attribution::log {

namespace {

constexpr std::size_t buffer_limit = std::size_t{32} * 1024;
constexpr std::chrono::milliseconds warning_interval{100};

// Collects lines and hands them to the kernel in one call: a call per line would cost more than the line.
class buffered_stderr final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    ~buffered_stderr() override { write_out(); }

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        pending_.append(line.data(), line.size());
        if (pending_.size() >= buffer_limit) write_out();
        // While the database is away each request ends in a warning; a call per line would add to the
        // trouble.
        if (message.level < spdlog::level::warn) return;
        if (message.time >= warned_ && message.time < warned_ + warning_interval) return;
        warned_ = message.time;
        write_out();
    }
    void flush_() override { write_out(); }

  private:
    void write_out() {
        std::size_t done = 0;
        while (done < pending_.size()) {
            const ssize_t n = ::write(STDERR_FILENO, pending_.data() + done, pending_.size() - done);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) break;
            done += static_cast<std::size_t>(n);
        }
        pending_.clear();
    }

    std::string pending_;
    spdlog::log_clock::time_point warned_;
};

spdlog::logger& logger() {
    static spdlog::logger instance = [] {
        spdlog::logger made("attributiond", std::make_shared<buffered_stderr>());
        made.set_formatter(std::make_unique<spdlog::pattern_formatter>(
            R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v)", spdlog::pattern_time_type::utc));
        return made;
    }();
    return instance;
}

spdlog::level::level_enum to_spdlog(level l) {
    switch (l) {
        case level::debug:
            return spdlog::level::debug;
        case level::info:
            return spdlog::level::info;
        case level::warn:
            return spdlog::level::warn;
        case level::error:
            break;
    }
    return spdlog::level::err;
}

}  // namespace

void configure(level lowest) {
    logger().set_level(to_spdlog(lowest));
}

bool enabled(level l) {
    return logger().should_log(to_spdlog(l));
}

void write_line(level l, std::string_view event, std::span<const member> members) {
    json::writer line;
    line.begin_object().member("event", event);
    for (const member& m : members) {
        if (const auto* text = std::get_if<std::string_view>(&m.value)) {
            line.optional_member(m.name, *text);
        } else {
            line.key(m.name).integer(std::get<std::int64_t>(m.value));
        }
    }
    line.end_object();
    // The pattern opens the object, with time and level.
    const std::string_view rest = std::string_view(line.text()).substr(1);
    logger().log(to_spdlog(l), spdlog::string_view_t(rest.data(), rest.size()));
}

void flush() {
    logger().flush();
}

}  // namespace attribution::log
