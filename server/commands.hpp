// The subcommands that make things and end. They print what they made on standard output.
#pragma once

#include "server/config.hpp"

namespace attribution {

void create_endpoint(const config& c);
void create_key(const config& c);
void make_master_key();

}  // namespace attribution
