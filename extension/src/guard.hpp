// Where C++ and PostgreSQL's error handling meet. Two rules keep them apart:
//
// guard(f) wraps the body of every extern "C" entry. No C++ exception leaves it: it is reported with ereport
// after the last C++ object is gone. So the entry's own frame must own nothing with a destructor.
//
// call(f) wraps calls of PostgreSQL made while C++ objects live. An error raised in f becomes the exception
// pg_error; f itself must own nothing with a destructor, since a longjmp leaves it. Wrap whole loops: a call
// costs a sigsetjmp.
//
// The error that pg_error stands for stays on PostgreSQL's own error stack until guard raises it again, as
// between PG_CATCH and PG_RE_THROW. Nothing is copied, so nothing can fail or leak on the way, and SQLSTATE,
// detail, hint, context and constraint arrive whole. Therefore a pg_error must never be swallowed; catching
// it to release something and throwing it on is fine.
#pragma once

#include <array>
#include <cstddef>
#include <exception>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/errors.hpp"
#include "extension/src/compat.hpp"

namespace attribution {

// A PostgreSQL error on its way through C++ frames.
struct pg_error {};

namespace detail {

// Puts back what a longjmp leaves behind. It lives in the frame that called sigsetjmp: no jump passes over
// it.
class jump_frame {
  public:
    jump_frame() = default;
    jump_frame(const jump_frame&) = delete;
    jump_frame& operator=(const jump_frame&) = delete;
    ~jump_frame() {
        PG_exception_stack = exception_stack_;
        error_context_stack = context_stack_;
    }
    void restore_memory_context() const { MemoryContextSwitchTo(memory_context_); }

  private:
    sigjmp_buf* exception_stack_ = PG_exception_stack;
    ErrorContextCallback* context_stack_ = error_context_stack;
    MemoryContext memory_context_ = CurrentMemoryContext;
};

// A C++ exception written down without allocating, to be reported when no C++ object lives any more.
class failure {
  public:
    void note(int sqlerrcode, std::string_view message, std::string_view detail = {},
              std::string_view hint = {});
    void note_postgres_error() { postgres_error_ = true; }
    [[noreturn]] void raise() const;

  private:
    bool postgres_error_ = false;
    int sqlerrcode_ = 0;
    // Written by note() only: clearing 3 KB would cost every call of every function.
    std::array<char, 512> message_;
    std::array<char, 2048> detail_;
    std::array<char, 512> hint_;
};

// Keeps the exception that is being handled, in a function of its own so that entries stay small.
void note_current_exception(failure& failure) noexcept;

}  // namespace detail

template <class function>
auto call(function&& f) -> std::invoke_result_t<function&> {
    static_assert(std::is_trivially_destructible_v<std::invoke_result_t<function&>> ||
                      std::is_void_v<std::invoke_result_t<function&>>,
                  "a longjmp would leave the result half made");
    detail::jump_frame frame;
    sigjmp_buf here;
    if (sigsetjmp(here, 0) == 0) {
        PG_exception_stack = &here;
        return f();
    }
    frame.restore_memory_context();
    throw pg_error{};
}

template <class function>
auto guard(function&& f) -> std::invoke_result_t<function&> {
    static_assert(std::is_trivially_destructible_v<std::remove_reference_t<function>>,
                  "capture by reference or plain values: an ereport would skip the destructor");
    detail::failure failure;
    try {
        return f();
    } catch (...) {
        detail::note_current_exception(failure);
    }
    failure.raise();
}

// For long loops.
inline void check_for_interrupts() {
    if (INTERRUPTS_PENDING_CONDITION()) call([] { ProcessInterrupts(); });
}

}  // namespace attribution
