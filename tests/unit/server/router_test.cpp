#include "server/http/router.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <string>

#include "server/http/problem.hpp"

using namespace attribution;

namespace {

// Answers with the name of what was called.
class service {
  public:
    task<http::response> orders(const http::request&) { co_return named("orders"); }
    task<http::response> any(const http::request&) { co_return named("any"); }
    task<http::response> put(const http::request&) { co_return named("put"); }
    task<void> admit(const http::request& head) {
        if (head.header("Pass") == std::nullopt) throw http::problem(401, "no pass");
        co_return;
    }

  private:
    static http::response named(const char* text) {
        http::response r;
        r.body = text;
        return r;
    }
};

constexpr std::array routes{
    http::route{"POST", "/hooks/*", http::member<&service::any>, http::member<&service::admit>},
    http::route{"POST", "/hooks/orders", http::member<&service::orders>},
    http::route{"PUT", "/hooks/orders", http::member<&service::put>},
    http::route{"GET", "/report", http::member<&service::any>, http::member<&service::admit>},
};

class router_test : public testing::Test {
  protected:
    router_test() { routes_.mount(service_, routes); }

    // The body of the answer, or the status and Allow of the problem.
    std::string ask(const char* method, const char* path) {
        return outcome(method, path, [this](const http::request& r) { return routes_.dispatch(r); });
    }

    std::string admit(const char* path, std::vector<http::field> fields = {}) {
        return outcome(
            "POST", path,
            [this](const http::request& r) -> task<http::response> {
                co_await routes_.admit(r);
                http::response admitted;
                admitted.body = "admitted";
                co_return admitted;
            },
            std::move(fields));
    }

    http::router routes_;

  private:
    template <class Work>
    static std::string outcome(const char* method, const char* path, Work work,
                               std::vector<http::field> fields = {}) {
        http::request r;
        r.method = method;
        r.path = path;
        r.fields = std::move(fields);
        boost::asio::io_context io;
        std::string said;
        boost::asio::co_spawn(
            io, [&]() -> task<http::response> { co_return co_await work(r); },
            [&](const std::exception_ptr& failed, const http::response& answer) {
                said = failed ? problem_of(failed) : answer.body;
            });
        io.run();
        return said;
    }

    static std::string problem_of(const std::exception_ptr& failed) {
        try {
            std::rethrow_exception(failed);
        } catch (const http::problem& p) {
            return std::to_string(p.status) + (p.fields.empty() ? "" : " " + p.fields[0].second);
        }
    }

    service service_;
};

TEST_F(router_test, prefers_the_whole_path_to_what_lies_below_another) {
    EXPECT_EQ(ask("POST", "/hooks/orders"), "orders");
    EXPECT_EQ(ask("PUT", "/hooks/orders"), "put");
    EXPECT_EQ(ask("POST", "/hooks/orders/paid"), "any");
    EXPECT_EQ(ask("POST", "/hooks/"), "any");
}

TEST_F(router_test, knows_404_from_405) {
    EXPECT_EQ(ask("POST", "/hooks"), "404");
    EXPECT_EQ(ask("POST", "/hooksorders"), "404");
    EXPECT_EQ(ask("POST", "/"), "404");
    EXPECT_EQ(ask("POST", "(no route)"), "404");
    EXPECT_EQ(ask("GET", "/hooks/orders"), "405 POST, PUT");
    EXPECT_EQ(ask("PUT", "/hooks/refunds"), "405 POST");
}

TEST_F(router_test, answers_head_as_get) {
    EXPECT_EQ(ask("GET", "/report"), "any");
    EXPECT_EQ(ask("HEAD", "/report"), "any");
    EXPECT_EQ(ask("POST", "/report"), "405 GET, HEAD");
    EXPECT_EQ(ask("OPTIONS", "/report"), "405 GET, HEAD");
    EXPECT_EQ(ask("HEAD", "/hooks/orders"), "405 POST, PUT");
}

TEST_F(router_test, asks_a_route_that_wants_to_be_asked) {
    EXPECT_EQ(admit("/hooks/refunds"), "401");
    EXPECT_EQ(admit("/hooks/refunds", {{"pass", "1"}}), "admitted");
    EXPECT_EQ(admit("/hooks/orders"), "admitted");
    EXPECT_EQ(admit("/other"), "404");
}

TEST_F(router_test, names_paths_as_its_table_has_them) {
    EXPECT_EQ(routes_.known_path("/hooks/orders"), "/hooks/orders");
    EXPECT_EQ(routes_.known_path("/hooks/jane.roe@example.com"), "/hooks/*");
    EXPECT_EQ(routes_.known_path("/jane.roe@example.com"), "(no route)");
}

}  // namespace
