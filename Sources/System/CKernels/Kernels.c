#include "CKernels.h"
#include <math.h>
#include <string.h>

// One table of kernels per instruction set; the best that the processor has is chosen before main.

struct kernels {
    void (*exp)(long count, const float *x, float *y);
    void (*silu)(long count, const float *x, float *y);
    void (*rms_norm)(long rows, long columns, const float *x, long x_stride, const float *weight, float epsilon, float *y, long y_stride, float *inverse);
    void (*rms_norm_again)(long rows, long columns, const float *x, long x_stride, const float *weight, const float *inverse, float *y, long y_stride);
    void (*rms_norm_backward)(long rows, long columns, const float *x, long x_stride, const float *weight, const float *inverse, const float *dy, long dy_stride, float *dx, long dx_stride);
    void (*rms_norm_weight)(long rows, long columns, const float *x, long x_stride, const float *inverse, const float *dy, long dy_stride, float *dweight);
    void (*swiglu)(long rows, long columns, const float *gate_up, long gate_up_stride, float *y, long y_stride);
    void (*swiglu_backward)(long rows, long columns, const float *gate_up, long gate_up_stride, const float *dy, long dy_stride, float *dgate_up, long dgate_up_stride);
    void (*rope)(long rows, long heads, long head_size, float *x, long x_stride, const float *cosines, const float *sines, float sign);
    void (*attention)(const ck_attention_segment *segment, float *out, long out_stride);
    void (*attention_backward)(const ck_attention_segment *segment, const float *dout, long dout_stride, float *dquery, long dquery_stride, float *dshared_key, float *dshared_value, long dshared_stride, float *down_key, float *down_value, long down_stride, float *scratch);
    float (*cross_entropy)(long count, float *logits, long target, float weight, int gradient);
    void (*add)(long count, const float *x, float *y);
    void (*scaled_add)(long count, float scale, const float *x, float *y);
    void (*scale)(long count, float scale, float *x);
    void (*add_bias)(long rows, long columns, const float *bias, float *y, long y_stride);
    void (*column_sums)(long rows, long columns, const float *x, long x_stride, float *out);
    double (*sum_of_squares)(long count, const float *x);
    double (*sum_of_magnitudes)(long count, const float *x);
    double (*dot)(long count, const float *x, const float *y);
    int (*all_finite)(long count, const float *x);
    void (*adamw)(long count, float *parameter, const float *gradient, float *first, float *second, float gradient_scale, float rate, float beta1, float beta2, float epsilon, float decay, float correction1, float correction2);
    void (*from_bfloat16)(long count, const uint16_t *x, float *y);
    void (*from_float16)(long count, const uint16_t *x, float *y);
    void (*to_bfloat16)(long count, const float *x, uint16_t *y);
};

#pragma clang fp contract(fast)

#define KERNEL(name) portable_##name
#include "KernelBodies.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,bmi2"))), apply_to = function)
#define KERNEL(name) avx2_##name
#include "KernelBodies.h"
#pragma clang attribute pop

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx2,fma,f16c,bmi2,avx512f,avx512bw,avx512dq,avx512vl"))),                   \
    apply_to = function)
#define KERNEL(name) avx512_##name
#include "KernelBodies.h"
#pragma clang attribute pop

static const struct kernels *const levels[] = {&portable_table, &avx2_table, &avx512_table};
#else
static const struct kernels *const levels[] = {&portable_table};
#endif

static const struct kernels *chosen = &portable_table;
static int chosen_level = 0;
/// Tests compare the levels on their own thread, while others compute.
static _Thread_local const struct kernels *forced = 0;

static inline const struct kernels *table(void) {
    return forced ? forced : chosen;
}

int ck_level(void) {
    return chosen_level;
}

int ck_best_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2")) return 0;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return 1;
    return 2;
#else
    return 0;
#endif
}

int ck_has_bfloat16_products(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512bf16") ? 1 : 0;
#else
    return 0;
#endif
}

void ck_force_level(int level) {
    int best = ck_best_level();
    forced = level < 0 ? 0 : levels[level > best ? best : level];
}

__attribute__((constructor)) static void choose(void) {
    chosen_level = ck_best_level();
    chosen = levels[chosen_level];
}

void ck_exp(long count, const float *x, float *y) {
    table()->exp(count, x, y);
}

void ck_silu(long count, const float *x, float *y) {
    table()->silu(count, x, y);
}

void ck_rms_norm(long rows, long columns, const float *x, long x_stride, const float *weight, float epsilon, float *y, long y_stride, float *inverse) {
    table()->rms_norm(rows, columns, x, x_stride, weight, epsilon, y, y_stride, inverse);
}

void ck_rms_norm_again(long rows, long columns, const float *x, long x_stride, const float *weight, const float *inverse, float *y, long y_stride) {
    table()->rms_norm_again(rows, columns, x, x_stride, weight, inverse, y, y_stride);
}

void ck_rms_norm_backward(long rows, long columns, const float *x, long x_stride, const float *weight, const float *inverse, const float *dy, long dy_stride, float *dx, long dx_stride) {
    table()->rms_norm_backward(rows, columns, x, x_stride, weight, inverse, dy, dy_stride, dx, dx_stride);
}

void ck_rms_norm_weight(long rows, long columns, const float *x, long x_stride, const float *inverse, const float *dy, long dy_stride, float *dweight) {
    table()->rms_norm_weight(rows, columns, x, x_stride, inverse, dy, dy_stride, dweight);
}

void ck_swiglu(long rows, long columns, const float *gate_up, long gate_up_stride, float *y, long y_stride) {
    table()->swiglu(rows, columns, gate_up, gate_up_stride, y, y_stride);
}

void ck_swiglu_backward(long rows, long columns, const float *gate_up, long gate_up_stride, const float *dy, long dy_stride, float *dgate_up, long dgate_up_stride) {
    table()->swiglu_backward(rows, columns, gate_up, gate_up_stride, dy, dy_stride, dgate_up, dgate_up_stride);
}

void ck_rope(long rows, long heads, long head_size, float *x, long x_stride, const float *cosines, const float *sines, float sign) {
    table()->rope(rows, heads, head_size, x, x_stride, cosines, sines, sign);
}

void ck_attention(const ck_attention_segment *segment, float *out, long out_stride) {
    table()->attention(segment, out, out_stride);
}

void ck_attention_backward(const ck_attention_segment *segment, const float *dout, long dout_stride, float *dquery, long dquery_stride, float *dshared_key, float *dshared_value, long dshared_stride, float *down_key, float *down_value, long down_stride, float *scratch) {
    table()->attention_backward(segment, dout, dout_stride, dquery, dquery_stride, dshared_key, dshared_value, dshared_stride, down_key, down_value, down_stride, scratch);
}

float ck_cross_entropy(long count, float *logits, long target, float weight, int gradient) {
    return table()->cross_entropy(count, logits, target, weight, gradient);
}

void ck_add(long count, const float *x, float *y) {
    table()->add(count, x, y);
}

void ck_scaled_add(long count, float scale, const float *x, float *y) {
    table()->scaled_add(count, scale, x, y);
}

void ck_scale(long count, float scale, float *x) {
    table()->scale(count, scale, x);
}

void ck_add_bias(long rows, long columns, const float *bias, float *y, long y_stride) {
    table()->add_bias(rows, columns, bias, y, y_stride);
}

void ck_column_sums(long rows, long columns, const float *x, long x_stride, float *out) {
    table()->column_sums(rows, columns, x, x_stride, out);
}

double ck_sum_of_squares(long count, const float *x) {
    return table()->sum_of_squares(count, x);
}

double ck_sum_of_magnitudes(long count, const float *x) {
    return table()->sum_of_magnitudes(count, x);
}

double ck_dot(long count, const float *x, const float *y) {
    return table()->dot(count, x, y);
}

int ck_all_finite(long count, const float *x) {
    return table()->all_finite(count, x);
}

void ck_adamw(long count, float *parameter, const float *gradient, float *first, float *second, float gradient_scale, float rate, float beta1, float beta2, float epsilon, float decay, float correction1, float correction2) {
    table()->adamw(count, parameter, gradient, first, second, gradient_scale, rate, beta1, beta2, epsilon, decay, correction1, correction2);
}

void ck_from_bfloat16(long count, const uint16_t *x, float *y) {
    table()->from_bfloat16(count, x, y);
}

void ck_from_float16(long count, const uint16_t *x, float *y) {
    table()->from_float16(count, x, y);
}

void ck_to_bfloat16(long count, const float *x, uint16_t *y) {
    table()->to_bfloat16(count, x, y);
}
