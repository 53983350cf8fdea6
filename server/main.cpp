#include <sodium.h>

#include <exception>
#include <iostream>

#include "server/commands.hpp"
#include "server/config.hpp"
#include "server/serve.hpp"

namespace {

int run(int argc, char** argv) {
    using attribution::command;
    if (sodium_init() < 0) throw attribution::setup_error("libsodium cannot be initialised");
    const attribution::config c = attribution::read_config(argc, argv);
    switch (c.what) {
        case command::serve:
            return attribution::serve(c);
        case command::create_endpoint:
            attribution::create_endpoint(c);
            return 0;
        case command::list_endpoints:
            attribution::list_endpoints(c);
            return 0;
        case command::rotate_secret:
            attribution::rotate_secret(c);
            return 0;
        case command::retire_secret:
            attribution::retire_secret(c);
            return 0;
        case command::reencrypt_secrets:
            attribution::reencrypt_secrets(c);
            return 0;
        case command::create_key:
            attribution::create_key(c);
            return 0;
        case command::make_master_key:
            attribution::make_master_key();
            return 0;
        case command::nothing:
            break;
    }
    return c.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const attribution::setup_error& e) {
        std::cerr << "error: " << e.what() << '\n';
        if (!e.hint().empty()) std::cerr << "hint: " << e.hint() << '\n';
    } catch (const std::exception& e) {
        std::cerr << "error: " << e.what() << '\n';
    }
    return 1;
}
