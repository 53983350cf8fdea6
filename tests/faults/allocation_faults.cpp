// Preloaded into the server (LD_PRELOAD): counts what C++ code allocates and lets the n-th allocation fail.
// It knows nothing of PostgreSQL; faults_module.cpp controls it through the extern "C" functions at the end.

#include <cstdlib>
#include <new>

namespace {

long outstanding = 0;
long until_failure = -1;  // allocations that still succeed; -1: not armed
bool stays_failed = false;
bool failed = false;

void* allocate(std::size_t size, std::size_t alignment) {
    if (until_failure == 0) {
        failed = true;
        if (!stays_failed) until_failure = -1;
        throw std::bad_alloc();
    }
    if (until_failure > 0) --until_failure;
    void* memory = alignment == 0
                       ? std::malloc(size == 0 ? 1 : size)
                       : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    ++outstanding;
    return memory;
}

void release(void* memory) noexcept {
    if (memory == nullptr) return;
    --outstanding;
    std::free(memory);
}

}  // namespace

// Callers of this form are ready for a failure (std::stable_sort works without a buffer), so it is counted
// but never failed. The other forms of new and delete call these.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory != nullptr) ++outstanding;
    return memory;
}
void* operator new(std::size_t size) {
    return allocate(size, 0);
}
void* operator new[](std::size_t size) {
    return allocate(size, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
    release(memory);
}
void operator delete[](void* memory) noexcept {
    release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    release(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    release(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    release(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    release(memory);
}

extern "C" {

void allocation_faults_arm(long allocations_that_succeed, bool stay_failed) {
    until_failure = allocations_that_succeed;
    stays_failed = stay_failed;
    failed = false;
}

// Whether an allocation failed since it was armed.
bool allocation_faults_disarm() {
    until_failure = -1;
    return failed;
}

long allocation_faults_outstanding() {
    return outstanding;
}
}
