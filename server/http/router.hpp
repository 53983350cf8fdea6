// From method and path to a handler. Each service has a table of its routes; the router joins those of the
// services that run in this process.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "server/http/types.hpp"

namespace attribution::http {

using handler = task<response> (*)(void* service, const request& r);

// Looks at a request whose body has not been read yet (and stays empty); throws problem to refuse it.
using admission = task<void> (*)(void* service, const request& head);

struct route {
    std::string_view method;
    std::string_view path;  // ends in "/*": all paths below that no other route has
    handler handle;
    admission admit = nullptr;
};

// Turns a member function into a handler: `route{"GET", "/api/health", member<&health::show>}`.
template <auto Method>
struct member_of;
template <class Service, class Answer, Answer (Service::*Method)(const request&)>
struct member_of<Method> {
    static Answer call(void* service, const request& r) {
        return (static_cast<Service*>(service)->*Method)(r);
    }
};
template <auto Method>
inline constexpr auto member = &member_of<Method>::call;

class router {
  public:
    template <class Service>
    void mount(Service& service, std::span<const route> routes) {
        for (const route& r : routes) mounted_.push_back({r, &service});
    }

    // Both throw problem 404 when no route has the path, 405 with Allow when none of those has the method.
    task<void> admit(const request& head) const;
    task<response> dispatch(const request& r) const;

    // The path as the table has it, for logs: what a client asked for otherwise may hold personal data.
    std::string_view known_path(std::string_view path) const;

  private:
    struct mounted {
        route at;
        void* service;
    };

    const mounted& find(const request& r) const;

    std::vector<mounted> mounted_;
};

}  // namespace attribution::http
