// Loaded into what `make test-thread` runs. Swift's runtime tells ThreadSanitizer that what happened before a continuation
// was resumed happened before its task went on, but not where it was resumed before the task came to wait for it: then
// the task goes on at once, and everything handed over looks like a race. Here the task tells so itself.
//
// `swift_continuation_init` is given a context whose second word is the function that goes on with the task, once. This one
// puts a step of its own before that function.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define ASYNC __attribute__((swiftasynccall))

typedef ASYNC void (*resume_function)(__attribute__((swift_async_context)) void *context);
typedef struct { void *parent; resume_function resume; } async_context;
typedef struct { _Atomic(async_context *) context; _Atomic(resume_function) resume; } waiting;

void __tsan_acquire(void *address) __attribute__((weak));
__attribute__((swiftcall)) void *swift_task_getCurrent(void) __attribute__((weak));

enum { SLOTS = 1 << 16 };
static waiting slots[SLOTS];

static size_t place(const async_context *context) { return ((uintptr_t)context >> 4) * 0x9e3779b97f4a7c15u >> 48; }

static void keep(async_context *context) {
    for (size_t index = place(context), tries = 0; tries < SLOTS; index = (index + 1) % SLOTS, tries++) {
        async_context *none = NULL;
        if (!atomic_compare_exchange_strong(&slots[index].context, &none, context)) continue;
        atomic_store(&slots[index].resume, context->resume);
        return;
    }
    abort();
}

static resume_function take(async_context *context) {
    for (size_t index = place(context), tries = 0; tries < SLOTS; index = (index + 1) % SLOTS, tries++) {
        if (atomic_load(&slots[index].context) != context) continue;
        resume_function resume = atomic_load(&slots[index].resume);
        atomic_store(&slots[index].context, NULL);
        return resume;
    }
    abort();
}

ASYNC static void go_on(__attribute__((swift_async_context)) void *context) {
    resume_function resume = take(context);
    if (__tsan_acquire) __tsan_acquire(swift_task_getCurrent());
    __attribute__((musttail)) return resume(context);
}

__attribute__((swiftcall)) void *swift_continuation_init(async_context *context, size_t flags) {
    static _Atomic(void *) next;
    void *real = atomic_load(&next);
    if (!real) atomic_store(&next, real = dlsym(RTLD_NEXT, "swift_continuation_init"));
    keep(context);
    context->resume = go_on;
    return ((__attribute__((swiftcall)) void *(*)(async_context *, size_t))real)(context, flags);
}
