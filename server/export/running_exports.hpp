// How many exports run: no more than there are connections for, and not all of them for one tenant, unless
// there is but one.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace attribution::exports {

class running_exports {
  public:
    explicit running_exports(std::size_t most) : most_(most) {}

    // Counts one export as long as it lives.
    class place {
      public:
        place(running_exports& of, std::map<std::string, std::size_t>::iterator at) : of_(&of), at_(at) {}
        place(place&& other) noexcept : of_(std::exchange(other.of_, nullptr)), at_(other.at_) {}
        place& operator=(place&&) = delete;
        ~place() {
            if (of_ != nullptr) of_->give_back(at_);
        }

      private:
        running_exports* of_;
        std::map<std::string, std::size_t>::iterator at_;
    };

    // Throws problem 503 when there is no place.
    place take(const std::string& tenant_id);

  private:
    void give_back(std::map<std::string, std::size_t>::iterator at);

    std::size_t most_;
    std::size_t all_ = 0;
    std::map<std::string, std::size_t> by_tenant_;
};

}  // namespace attribution::exports
