// Events through the batcher into the database. What the database refuses for good becomes a dead letter.
#pragma once

#include <string>
#include <vector>

#include "core/providers/event.hpp"
#include "server/db/failures.hpp"
#include "server/ingestion/batcher.hpp"

namespace attribution::ingestion {

// What an adapter made of a text, and the length of that text in bytes.
struct translation {
    providers::event event;
    std::size_t length = 0;
};

class event_writer {
  public:
    explicit event_writer(batcher& batches) : batcher_(batches) {}

    // Returns after COMMIT of all of them, in the order given; those that stand for the same delivery act in
    // this order too. Throws http::problem when one can be neither stored nor dead-lettered at the moment;
    // the others may be stored then, and writing all of them again is safe.
    task<std::vector<stored_item>> write(const std::string& tenant_id, std::vector<translation> events);

  private:
    task<std::vector<settled_item>> submit(const std::string& tenant_id,
                                           const std::vector<translation>& events,
                                           const std::vector<std::size_t>& chosen);
    void make_dead_letter(translation& refused, const std::exception_ptr& failed);

    batcher& batcher_;
    db::failures failures_;
};

}  // namespace attribution::ingestion
