#pragma once

#include "server/config.hpp"

namespace attribution {

// Runs until SIGTERM or SIGINT, then drains. Returns the exit code; throws setup_error before it serves.
int serve(const config& c);

}  // namespace attribution
