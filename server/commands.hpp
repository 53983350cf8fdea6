// The subcommands that make or change things and end. They print what they made on standard output.
#pragma once

#include "server/config.hpp"

namespace attribution {

void create_key(const config& c);
void make_master_key();

// Webhook endpoints and their secrets. A running server learns of a change when it forgets the endpoint,
// which it remembers for --endpoint-cache seconds.
void create_endpoint(const config& c);
void list_endpoints(const config& c);
void rotate_secret(const config& c);
void retire_secret(const config& c);

// Puts all secrets under the first master key. Safe to repeat and to interrupt.
void reencrypt_secrets(const config& c);

}  // namespace attribution
