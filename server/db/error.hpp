// What went wrong in the database, as an exception.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace attribution::db {

class error : public std::runtime_error {
  public:
    error(std::string sqlstate, const std::string& message, std::string detail = {}, std::string hint = {})
        : std::runtime_error(message),
          sqlstate_(std::move(sqlstate)),
          detail_(std::move(detail)),
          hint_(std::move(hint)) {}

    const std::string& sqlstate() const noexcept { return sqlstate_; }
    const std::string& detail() const noexcept { return detail_; }
    const std::string& hint() const noexcept { return hint_; }

    bool has_class(std::string_view prefix) const noexcept { return sqlstate_.starts_with(prefix); }

  private:
    std::string sqlstate_;
    std::string detail_;
    std::string hint_;
};

// No connection, or it was lost on the way: whether a COMMIT that was sent took place is unknown.
class connection_lost final : public error {
  public:
    explicit connection_lost(const std::string& message) : error("08006", message) {}
};

}  // namespace attribution::db
