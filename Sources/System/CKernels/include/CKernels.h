#pragma once
#include <stdint.h>

// Small kernels on rows of floats, each compiled for several instruction sets and chosen once when the program starts,
// and the thread pool they run on. A matrix is a pointer to its first element and a stride: the distance between rows,
// in elements. No kernel allocates, none reads the clock, and each sums in an order fixed by its arguments and the
// instruction set, so that the same call gives the same bytes.

#ifdef __cplusplus
extern "C" {
#endif

/// 0 portable, 1 AVX2 with FMA, 2 AVX-512.
int ck_level(void);
/// The best level this processor can run.
int ck_best_level(void);
/// 1 when the processor multiplies bfloat16 pairs (AVX512_BF16).
int ck_has_bfloat16_products(void);
/// Forces a level for the calling thread, for tests; one above the best is brought down to it, -1 ends it.
void ck_force_level(int level);

/// y[i] = exp(x[i]); relative error below 4e-7; arguments are limited to [-87, 88].
void ck_exp(long count, const float *x, float *y);
void ck_silu(long count, const float *x, float *y);

/// y = x / sqrt(mean(x^2) + epsilon) * weight, row by row; the inverse root goes to `inverse`.
void ck_rms_norm(long rows, long columns, const float *x, long x_stride, const float *weight, float epsilon, float *y,
                 long y_stride, float *inverse);
/// y = x * inverse * weight with the inverse roots that the forward pass kept.
void ck_rms_norm_again(long rows, long columns, const float *x, long x_stride, const float *weight,
                       const float *inverse, float *y, long y_stride);
/// dx += gradient of the norm's input.
void ck_rms_norm_backward(long rows, long columns, const float *x, long x_stride, const float *weight,
                          const float *inverse, const float *dy, long dy_stride, float *dx, long dx_stride);
/// dweight += sum over rows of dy * x * inverse.
void ck_rms_norm_weight(long rows, long columns, const float *x, long x_stride, const float *inverse, const float *dy,
                        long dy_stride, float *dweight);

/// y = silu(gate) * up, where a row of `gate_up` holds gate and then up.
void ck_swiglu(long rows, long columns, const float *gate_up, long gate_up_stride, float *y, long y_stride);
/// Writes the gradients of gate and up over each other's places in `dgate_up`.
void ck_swiglu_backward(long rows, long columns, const float *gate_up, long gate_up_stride, const float *dy,
                        long dy_stride, float *dgate_up, long dgate_up_stride);

/// Rotates the two halves of each head by the row's angles; `sign` -1 is the inverse, which is also the gradient.
void ck_rope(long rows, long heads, long head_size, float *x, long x_stride, const float *cosines, const float *sines,
             float sign);

/// Causal attention of `heads` heads over the rows of one sequence; head h lies `h * head_size` further on in a row of
/// queries, and `h / group * head_size` in a row of keys or values (grouped-query attention). Keys and values come in two runs: `shared` rows that
/// several sequences have in common, then the sequence's own, of which row i sees `before + i + 1`.
/// A row sees at most `window` keys, its own included (0: all). Probabilities are left in `probabilities`, the rows of a
/// head one after another (row stride `probability_stride`, which may be 0 when they are not needed afterwards).
typedef struct {
    const float *query;
    long query_stride;
    const float *shared_key, *shared_value;
    long shared, shared_stride;
    const float *own_key, *own_value;
    long own_stride;
    long heads, group, rows, before, head_size, window;
    float scale;
    float *probabilities;
    long probability_stride;
} ck_attention_segment;

void ck_attention(const ck_attention_segment *segment, float *out, long out_stride);
/// Gradients of the same: `dquery` is written, those of keys and values are added to. `scratch` has as many elements as
/// the longest row has keys.
void ck_attention_backward(const ck_attention_segment *segment, const float *dout, long dout_stride, float *dquery,
                           long dquery_stride, float *dshared_key, float *dshared_value, long dshared_stride,
                           float *down_key, float *down_value, long down_stride, float *scratch);

/// Negative log-probability of `target` under the softmax of the row. With `gradient` not 0 the row is overwritten by
/// its gradient times `weight`.
float ck_cross_entropy(long count, float *logits, long target, float weight, int gradient);

void ck_add(long count, const float *x, float *y);
void ck_scaled_add(long count, float scale, const float *x, float *y);
void ck_scale(long count, float scale, float *x);
void ck_add_bias(long rows, long columns, const float *bias, float *y, long y_stride);
/// out += sum over rows.
void ck_column_sums(long rows, long columns, const float *x, long x_stride, float *out);
double ck_sum_of_squares(long count, const float *x);
double ck_sum_of_magnitudes(long count, const float *x);
double ck_dot(long count, const float *x, const float *y);
/// 1 when every element is finite.
int ck_all_finite(long count, const float *x);

/// One AdamW step (Loshchilov & Hutter, arXiv 1711.05101) in torch's order of operations.
void ck_adamw(long count, float *parameter, const float *gradient, float *first, float *second, float gradient_scale,
              float rate, float beta1, float beta2, float epsilon, float decay, float correction1, float correction2);

void ck_from_bfloat16(long count, const uint16_t *x, float *y);
void ck_from_float16(long count, const uint16_t *x, float *y);
/// Round to nearest, ties to even.
void ck_to_bfloat16(long count, const float *x, uint16_t *y);

/// A pool of threads that spin for at most 50 microseconds and then sleep. The caller is one of its threads.
typedef struct ck_pool ck_pool;
ck_pool *ck_pool_create(int threads);
void ck_pool_destroy(ck_pool *pool);
/// Calls body(context, i) for i in 0..<count, each once, and returns when all have returned. When the pool is in use by
/// another thread, or by a caller further up, all are called on the calling thread.
void ck_pool_run(ck_pool *pool, long count, void (*body)(void *context, long index), void *context);

#ifdef __cplusplus
}
#endif
