// How coroutines end that live as long as the server.
#pragma once

#include <cstdlib>
#include <exception>

#include "server/http/log.hpp"

namespace attribution::http {

// Completion of co_spawn. Without one of these coroutines the server would go on, look healthy, and do half
// its work; a process that ends is started again, and providers repeat what was not answered.
struct lasting {
    const char* name;

    void operator()(const std::exception_ptr& failed) const {
        if (!failed) return;
        try {
            std::rethrow_exception(failed);
        } catch (const std::exception& e) {
            log::write(log::level::error, "server_failed", "part", name, "reason", e.what());
        } catch (...) {
            log::write(log::level::error, "server_failed", "part", name);
        }
        log::flush();
        std::_Exit(EXIT_FAILURE);
    }
};

}  // namespace attribution::http
