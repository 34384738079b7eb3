#define _GNU_SOURCE
#include "CKernels.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

// A worker that has nothing to do looks at the generation counter for up to 50 microseconds (a hand-off by condition
// variable alone costs more than a small product takes), then sleeps on the condition variable.
// Nobody waits for a worker that is not running: a task is claimed by lowering `state`, whose upper half names the
// generation and whose lower half counts the tasks left, and the caller waits for tasks, not for workers.
struct ck_pool {
    pthread_mutex_t in_use;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_cond_t finished;
    atomic_uint_fast64_t state;
    atomic_int sleeping;
    atomic_long done;
    atomic_int stop;
    int caller_sleeps;
    long count;
    void (*body)(void *, long);
    void *context;
    int workers;
    pthread_t *threads;
};

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

static long nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static const long spin_nanoseconds = 50000;

static unsigned generation(ck_pool *pool) {
    return (unsigned)(atomic_load(&pool->state) >> 32);
}

static void take_work(ck_pool *pool, unsigned wanted) {
    for (;;) {
        uint_fast64_t state = atomic_load(&pool->state);
        if ((unsigned)(state >> 32) != wanted || (uint32_t)state == 0) return;
        if (!atomic_compare_exchange_weak(&pool->state, &state, state - 1)) continue;
        // Claimed: the caller cannot leave, so what describes the job stays as it is until `done` is raised.
        long count = pool->count;
        pool->body(pool->context, count - (long)(uint32_t)state);
        if (atomic_fetch_add(&pool->done, 1) + 1 == count) {
            pthread_mutex_lock(&pool->lock);
            if (pool->caller_sleeps) pthread_cond_signal(&pool->finished);
            pthread_mutex_unlock(&pool->lock);
        }
    }
}

static void *work(void *argument) {
    ck_pool *pool = argument;
    unsigned seen = 0;
    for (;;) {
        long start = nanoseconds();
        while (generation(pool) == seen) {
            for (int i = 0; i < 32; i++) relax();
            if (nanoseconds() - start <= spin_nanoseconds) continue;
            pthread_mutex_lock(&pool->lock);
            atomic_fetch_add(&pool->sleeping, 1);
            while (generation(pool) == seen) pthread_cond_wait(&pool->wake, &pool->lock);
            atomic_fetch_sub(&pool->sleeping, 1);
            pthread_mutex_unlock(&pool->lock);
        }
        seen = generation(pool);
        if (atomic_load(&pool->stop)) return NULL;
        take_work(pool, seen);
    }
}

static unsigned publish(ck_pool *pool, long count) {
    unsigned next = generation(pool) + 1;
    atomic_store(&pool->state, ((uint_fast64_t)next << 32) | (uint32_t)count);
    if (atomic_load(&pool->sleeping) > 0) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->lock);
    }
    return next;
}

ck_pool *ck_pool_create(int threads) {
    ck_pool *pool = calloc(1, sizeof *pool);
    if (!pool) abort();
    pthread_mutex_init(&pool->in_use, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->finished, NULL);
    int wanted = threads > 1 ? threads - 1 : 0;
    pool->threads = calloc((size_t)wanted + 1, sizeof *pool->threads);
    if (!pool->threads) abort();
    for (int i = 0; i < wanted; i++) {
        // With fewer threads than asked for the work is the same, only slower.
        if (pthread_create(&pool->threads[i], NULL, work, pool) != 0) break;
        pool->workers++;
    }
    return pool;
}

void ck_pool_destroy(ck_pool *pool) {
    atomic_store(&pool->stop, 1);
    publish(pool, 0);
    for (int i = 0; i < pool->workers; i++) pthread_join(pool->threads[i], NULL);
    pthread_mutex_destroy(&pool->in_use);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->wake);
    pthread_cond_destroy(&pool->finished);
    free(pool->threads);
    free(pool);
}

void ck_pool_run(ck_pool *pool, long count, void (*body)(void *, long), void *context) {
    if (count <= 0) return;
    if (count == 1 || pool->workers == 0 || pthread_mutex_trylock(&pool->in_use) != 0) {
        for (long i = 0; i < count; i++) body(context, i);
        return;
    }
    pool->count = count;
    pool->body = body;
    pool->context = context;
    atomic_store(&pool->done, 0);
    take_work(pool, publish(pool, count));
    long start = nanoseconds();
    while (atomic_load(&pool->done) < count) {
        for (int i = 0; i < 32; i++) relax();
        if (nanoseconds() - start <= spin_nanoseconds) continue;
        pthread_mutex_lock(&pool->lock);
        pool->caller_sleeps = 1;
        while (atomic_load(&pool->done) < count) pthread_cond_wait(&pool->finished, &pool->lock);
        pool->caller_sleeps = 0;
        pthread_mutex_unlock(&pool->lock);
    }
    pthread_mutex_unlock(&pool->in_use);
}
