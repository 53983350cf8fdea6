// A response as bytes.
#pragma once

#include <string>
#include <string_view>

#include "server/http/types.hpp"

namespace attribution::http {

struct framing_facts {
    std::string_view correlation_id;
    bool http_1_1;
    bool keep_alive;
    bool head_only;  // the answer to HEAD: the headers of the body, without it
};

// Replaces `out`. One buffer, so that one send carries the answer; of a stream, its head only.
void serialize(std::string& out, const response& reply, const framing_facts& facts);

}  // namespace attribution::http
