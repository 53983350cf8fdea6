// The rows of an export while COPY writes them: bytes are passed on as they come, in pieces of a size that
// does not depend on how many there are.
#pragma once

#include <optional>
#include <string>

#include "server/db/pool.hpp"
#include "server/export/export_request.hpp"
#include "server/export/running_exports.hpp"

namespace attribution::exports {

class export_stream final : public http::body_stream {
  public:
    // On the connection a copy has begun. next_cursor stands at the end of a JSON document.
    export_stream(running_exports::place place, db::pool::lease connection, format as,
                  std::optional<std::string> next_cursor);

    task<bool> read(std::string& into) override;

  private:
    running_exports::place place_;
    std::optional<db::pool::lease> connection_;  // until all has been read
    format as_;
    std::optional<std::string> next_cursor_;
    bool has_begun_ = false;
};

}  // namespace attribution::exports
