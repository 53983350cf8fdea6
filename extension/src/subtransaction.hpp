// What holds as long as the current subtransaction goes on: its locks, and what it has written.
#pragma once

#include "extension/src/compat.hpp"
#include "extension/src/guard.hpp"

extern "C" {
#include "access/xact.h"
}

namespace attribution {

class subtransaction_mark {
  public:
    // Whether the subtransaction is that of the last call, too. One that has ended never comes again.
    bool is_that_of_last_call() {
        const FullTransactionId transaction = call([] { return GetTopFullTransactionId(); });
        const SubTransactionId part = GetCurrentSubTransactionId();
        if (part == part_ && FullTransactionIdEquals(transaction, transaction_)) return true;
        transaction_ = transaction;
        part_ = part;
        return false;
    }

  private:
    FullTransactionId transaction_{};
    SubTransactionId part_ = InvalidSubTransactionId;
};

}  // namespace attribution
