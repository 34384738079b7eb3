// The bodies of the kernels, included once per instruction set with KERNEL(name) naming the copy. Plain C that the
// compiler vectorises: sums are kept in `LANES` partial sums, since it may not reorder a plain one.

#define LANES 16

static inline float KERNEL(exp1)(float x) {
    // Cody and Waite's reduction by ln 2 in two parts, then Cephes' polynomial of degree 7 on [-ln 2 / 2, ln 2 / 2].
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    float shifted = x * 1.44269504088896341f + 12582912.0f;
    int32_t n;
    memcpy(&n, &shifted, 4);
    n -= 0x4B400000;
    float whole = shifted - 12582912.0f;
    float r = x - whole * 0.693359375f;
    r = r + whole * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    float y = p * (r * r) + r + 1.0f;
    int32_t bits = (n + 127) << 23;
    float power;
    memcpy(&power, &bits, 4);
    return y * power;
}

static inline float KERNEL(sum_lanes)(const float *lanes) {
    float s[4];
    for (int i = 0; i < 4; i++) s[i] = (lanes[i] + lanes[i + 8]) + (lanes[i + 4] + lanes[i + 12]);
    return (s[0] + s[2]) + (s[1] + s[3]);
}

static inline float KERNEL(dot1)(long count, const float *x, const float *y) {
    float lanes[LANES] = {0};
    long i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] += x[i + l] * y[i + l];
    for (int l = 0; i + l < count; l++) lanes[l] += x[i + l] * y[i + l];
    return KERNEL(sum_lanes)(lanes);
}

static inline float KERNEL(max1)(long count, const float *x) {
    float lanes[LANES];
    for (int l = 0; l < LANES; l++) lanes[l] = -INFINITY;
    long i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
    for (int l = 0; i + l < count; l++) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
    float m = lanes[0];
    for (int l = 1; l < LANES; l++) m = lanes[l] > m ? lanes[l] : m;
    return m;
}

/// y = exp(x - shift), and the sum of it.
static inline float KERNEL(exp_sum)(long count, const float *x, float shift, float *y) {
    float lanes[LANES] = {0};
    long i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) {
            float e = KERNEL(exp1)(x[i + l] - shift);
            y[i + l] = e;
            lanes[l] += e;
        }
    for (int l = 0; i + l < count; l++) {
        float e = KERNEL(exp1)(x[i + l] - shift);
        y[i + l] = e;
        lanes[l] += e;
    }
    return KERNEL(sum_lanes)(lanes);
}

static void KERNEL(exp)(long count, const float *restrict x, float *restrict y) {
    for (long i = 0; i < count; i++) y[i] = KERNEL(exp1)(x[i]);
}

static void KERNEL(silu)(long count, const float *restrict x, float *restrict y) {
    for (long i = 0; i < count; i++) y[i] = x[i] / (1.0f + KERNEL(exp1)(-x[i]));
}

static void KERNEL(rms_norm)(long rows, long columns, const float *x, long x_stride, const float *restrict weight,
                             float epsilon, float *y, long y_stride, float *inverse) {
    for (long r = 0; r < rows; r++) {
        const float *a = x + r * x_stride;
        float *b = y + r * y_stride;
        float root = 1.0f / sqrtf(KERNEL(dot1)(columns, a, a) / (float)columns + epsilon);
        inverse[r] = root;
        for (long i = 0; i < columns; i++) b[i] = a[i] * root * weight[i];
    }
}

static void KERNEL(rms_norm_again)(long rows, long columns, const float *x, long x_stride,
                                   const float *restrict weight, const float *inverse, float *y, long y_stride) {
    for (long r = 0; r < rows; r++) {
        const float *restrict a = x + r * x_stride;
        float *restrict b = y + r * y_stride;
        float root = inverse[r];
        for (long i = 0; i < columns; i++) b[i] = a[i] * root * weight[i];
    }
}

static void KERNEL(rms_norm_backward)(long rows, long columns, const float *x, long x_stride,
                                      const float *restrict weight, const float *inverse, const float *dy,
                                      long dy_stride, float *dx, long dx_stride) {
    for (long r = 0; r < rows; r++) {
        const float *restrict a = x + r * x_stride;
        const float *restrict g = dy + r * dy_stride;
        float *restrict d = dx + r * dx_stride;
        float root = inverse[r];
        float lanes[LANES] = {0};
        long i = 0;
        for (; i + LANES <= columns; i += LANES)
            for (int l = 0; l < LANES; l++) lanes[l] += g[i + l] * weight[i + l] * a[i + l];
        for (int l = 0; i + l < columns; l++) lanes[l] += g[i + l] * weight[i + l] * a[i + l];
        float along = KERNEL(sum_lanes)(lanes) * root * root * root / (float)columns;
        for (i = 0; i < columns; i++) d[i] += g[i] * weight[i] * root - a[i] * along;
    }
}

static void KERNEL(rms_norm_weight)(long rows, long columns, const float *x, long x_stride, const float *inverse,
                                    const float *dy, long dy_stride, float *restrict dweight) {
    for (long r = 0; r < rows; r++) {
        const float *restrict a = x + r * x_stride;
        const float *restrict g = dy + r * dy_stride;
        float root = inverse[r];
        for (long i = 0; i < columns; i++) dweight[i] += g[i] * a[i] * root;
    }
}

static void KERNEL(swiglu)(long rows, long columns, const float *gate_up, long gate_up_stride, float *y,
                           long y_stride) {
    for (long r = 0; r < rows; r++) {
        const float *restrict g = gate_up + r * gate_up_stride;
        const float *restrict u = g + columns;
        float *restrict b = y + r * y_stride;
        for (long i = 0; i < columns; i++) b[i] = g[i] / (1.0f + KERNEL(exp1)(-g[i])) * u[i];
    }
}

static void KERNEL(swiglu_backward)(long rows, long columns, const float *gate_up, long gate_up_stride,
                                    const float *dy, long dy_stride, float *dgate_up, long dgate_up_stride) {
    for (long r = 0; r < rows; r++) {
        const float *restrict g = gate_up + r * gate_up_stride;
        const float *restrict u = g + columns;
        const float *restrict d = dy + r * dy_stride;
        float *restrict dg = dgate_up + r * dgate_up_stride;
        float *restrict du = dg + columns;
        for (long i = 0; i < columns; i++) {
            float s = 1.0f / (1.0f + KERNEL(exp1)(-g[i]));
            float silu = g[i] * s;
            dg[i] = d[i] * u[i] * (s + silu * (1.0f - s));
            du[i] = d[i] * silu;
        }
    }
}

static void KERNEL(rope)(long rows, long heads, long head_size, float *x, long x_stride, const float *cosines,
                         const float *sines, float sign) {
    long half = head_size / 2;
    for (long r = 0; r < rows; r++) {
        const float *restrict c = cosines + r * half;
        const float *restrict s = sines + r * half;
        for (long h = 0; h < heads; h++) {
            float *restrict a = x + r * x_stride + h * head_size;
            float *restrict b = a + half;
            for (long i = 0; i < half; i++) {
                float p = a[i], q = b[i], t = s[i] * sign;
                a[i] = p * c[i] - q * t;
                b[i] = q * c[i] + p * t;
            }
        }
    }
}

/// First key that row i sees and how many of all keys lie before its end.
static inline long KERNEL(first_key)(const ck_attention_segment *h, long end) {
    return h->window > 0 && end > h->window ? end - h->window : 0;
}

static inline const float *KERNEL(key_row)(const ck_attention_segment *h, long j) {
    return j < h->shared ? h->shared_key + j * h->shared_stride : h->own_key + (j - h->shared) * h->own_stride;
}

static inline const float *KERNEL(value_row)(const ck_attention_segment *h, long j) {
    return j < h->shared ? h->shared_value + j * h->shared_stride : h->own_value + (j - h->shared) * h->own_stride;
}

static void KERNEL(attention_head)(const ck_attention_segment *h, float *out, long out_stride) {
    long size = h->head_size;
    for (long r = 0; r < h->rows; r++) {
        long end = h->shared + h->before + r + 1;
        long first = KERNEL(first_key)(h, end);
        const float *q = h->query + r * h->query_stride;
        float *restrict p = h->probabilities + r * h->probability_stride;
        for (long j = first; j < end; j++) p[j] = KERNEL(dot1)(size, q, KERNEL(key_row)(h, j)) * h->scale;
        float top = KERNEL(max1)(end - first, p + first);
        float inverse = 1.0f / KERNEL(exp_sum)(end - first, p + first, top, p + first);
        for (long j = 0; j < first; j++) p[j] = 0;
        for (long j = first; j < end; j++) p[j] *= inverse;
        float *restrict o = out + r * out_stride;
        for (long i = 0; i < size; i++) o[i] = 0;
        long j = first;
        for (; j + 4 <= end; j += 4) {
            const float *v0 = KERNEL(value_row)(h, j), *v1 = KERNEL(value_row)(h, j + 1);
            const float *v2 = KERNEL(value_row)(h, j + 2), *v3 = KERNEL(value_row)(h, j + 3);
            float a = p[j], b = p[j + 1], c = p[j + 2], d = p[j + 3];
            for (long i = 0; i < size; i++) o[i] += (a * v0[i] + b * v1[i]) + (c * v2[i] + d * v3[i]);
        }
        for (; j < end; j++) {
            const float *v = KERNEL(value_row)(h, j);
            for (long i = 0; i < size; i++) o[i] += p[j] * v[i];
        }
    }
}

static void KERNEL(attention_head_backward)(const ck_attention_segment *h, const float *dout, long dout_stride,
                                       float *dquery, long dquery_stride, float *dshared_key, float *dshared_value,
                                       long dshared_stride, float *down_key, float *down_value, long down_stride,
                                       float *restrict scratch) {
    long size = h->head_size;
    for (long r = 0; r < h->rows; r++) {
        long end = h->shared + h->before + r + 1;
        long first = KERNEL(first_key)(h, end);
        const float *restrict q = h->query + r * h->query_stride;
        const float *restrict d = dout + r * dout_stride;
        const float *p = h->probabilities + r * h->probability_stride;
        for (long j = first; j < end; j++) scratch[j] = KERNEL(dot1)(size, d, KERNEL(value_row)(h, j));
        float mean = KERNEL(dot1)(end - first, p + first, scratch + first);
        for (long j = first; j < end; j++) scratch[j] = p[j] * (scratch[j] - mean) * h->scale;
        float *restrict dq = dquery + r * dquery_stride;
        for (long i = 0; i < size; i++) dq[i] = 0;
        for (long j = first; j < end; j++) {
            int common = j < h->shared;
            long row = common ? j * dshared_stride : (j - h->shared) * down_stride;
            float *restrict dk = (common ? dshared_key : down_key) + row;
            float *restrict dv = (common ? dshared_value : down_value) + row;
            const float *restrict k = KERNEL(key_row)(h, j);
            float a = scratch[j], b = p[j];
            for (long i = 0; i < size; i++) {
                dq[i] += a * k[i];
                dk[i] += a * q[i];
                dv[i] += b * d[i];
            }
        }
    }
}

/// One head of a segment, as a segment of its own.
static inline ck_attention_segment KERNEL(head_of)(const ck_attention_segment *segment, long head) {
    ck_attention_segment one = *segment;
    long key = head / segment->group * segment->head_size;
    one.query += head * segment->head_size;
    if (segment->shared) one.shared_key += key, one.shared_value += key;
    one.own_key += key;
    one.own_value += key;
    one.probabilities += head * segment->rows * segment->probability_stride;
    return one;
}

static void KERNEL(attention)(const ck_attention_segment *segment, float *out, long out_stride) {
    for (long head = 0; head < segment->heads; head++) {
        ck_attention_segment one = KERNEL(head_of)(segment, head);
        KERNEL(attention_head)(&one, out + head * segment->head_size, out_stride);
    }
}

static void KERNEL(attention_backward)(const ck_attention_segment *segment, const float *dout, long dout_stride,
                                       float *dquery, long dquery_stride, float *dshared_key, float *dshared_value,
                                       long dshared_stride, float *down_key, float *down_value, long down_stride,
                                       float *scratch) {
    for (long head = 0; head < segment->heads; head++) {
        ck_attention_segment one = KERNEL(head_of)(segment, head);
        long place = head * segment->head_size, key = head / segment->group * segment->head_size;
        long common = segment->shared ? key : 0;
        KERNEL(attention_head_backward)(&one, dout + place, dout_stride, dquery + place, dquery_stride,
                                        dshared_key + common, dshared_value + common, dshared_stride, down_key + key,
                                        down_value + key, down_stride, scratch);
    }
}

static float KERNEL(cross_entropy)(long count, float *x, long target, float weight, int gradient) {
    float top = KERNEL(max1)(count, x);
    float lanes[LANES] = {0};
    long i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] += KERNEL(exp1)(x[i + l] - top);
    for (int l = 0; i + l < count; l++) lanes[l] += KERNEL(exp1)(x[i + l] - top);
    float total = KERNEL(sum_lanes)(lanes);
    float loss = logf(total) + (top - x[target]);
    if (gradient) {
        float factor = weight / total;
        for (i = 0; i < count; i++) x[i] = KERNEL(exp1)(x[i] - top) * factor;
        x[target] -= weight;
    }
    return loss;
}

static void KERNEL(add)(long count, const float *restrict x, float *restrict y) {
    for (long i = 0; i < count; i++) y[i] += x[i];
}

static void KERNEL(scaled_add)(long count, float scale, const float *restrict x, float *restrict y) {
    for (long i = 0; i < count; i++) y[i] += scale * x[i];
}

static void KERNEL(scale)(long count, float scale, float *x) {
    for (long i = 0; i < count; i++) x[i] *= scale;
}

static void KERNEL(add_bias)(long rows, long columns, const float *restrict bias, float *y, long y_stride) {
    for (long r = 0; r < rows; r++) {
        float *restrict b = y + r * y_stride;
        for (long i = 0; i < columns; i++) b[i] += bias[i];
    }
}

static void KERNEL(column_sums)(long rows, long columns, const float *x, long x_stride, float *restrict out) {
    for (long r = 0; r < rows; r++) {
        const float *restrict a = x + r * x_stride;
        for (long i = 0; i < columns; i++) out[i] += a[i];
    }
}

static double KERNEL(sum_of_squares)(long count, const float *x) {
    double lanes[LANES] = {0};
    long i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    for (int l = 0; i + l < count; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    double s = 0;
    for (int l = 0; l < LANES; l++) s += lanes[l];
    return s;
}

static double KERNEL(sum_of_magnitudes)(long count, const float *x) {
    double lanes[LANES] = {0};
    long i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] += (double)fabsf(x[i + l]);
    for (int l = 0; i + l < count; l++) lanes[l] += (double)fabsf(x[i + l]);
    double s = 0;
    for (int l = 0; l < LANES; l++) s += lanes[l];
    return s;
}

static double KERNEL(dot)(long count, const float *x, const float *y) {
    double lanes[LANES] = {0};
    long i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] += (double)x[i + l] * (double)y[i + l];
    for (int l = 0; i + l < count; l++) lanes[l] += (double)x[i + l] * (double)y[i + l];
    double s = 0;
    for (int l = 0; l < LANES; l++) s += lanes[l];
    return s;
}

static int KERNEL(all_finite)(long count, const float *x) {
    uint32_t bad = 0;
    for (long i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, 4);
        bad |= (bits & 0x7F800000u) == 0x7F800000u;
    }
    return bad == 0;
}

static void KERNEL(adamw)(long count, float *restrict parameter, const float *restrict gradient,
                          float *restrict first, float *restrict second, float gradient_scale, float rate, float beta1,
                          float beta2, float epsilon, float decay, float correction1, float correction2) {
    float keep = 1.0f - rate * decay;
    float step = rate / correction1;
    float root = sqrtf(correction2);
    for (long i = 0; i < count; i++) {
        float g = gradient[i] * gradient_scale;
        float m = first[i] + (g - first[i]) * (1.0f - beta1);
        float v = second[i] * beta2 + g * g * (1.0f - beta2);
        first[i] = m;
        second[i] = v;
        parameter[i] = parameter[i] * keep - step * (m / (sqrtf(v) / root + epsilon));
    }
}

static void KERNEL(from_bfloat16)(long count, const uint16_t *restrict x, float *restrict y) {
    for (long i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)x[i] << 16;
        memcpy(y + i, &bits, 4);
    }
}

static void KERNEL(from_float16)(long count, const uint16_t *restrict x, float *restrict y) {
    // Shift exponent and mantissa into place and multiply by 2^112, which also makes subnormal numbers right; the
    // largest exponent (infinity, not a number) is then set apart.
    for (long i = 0; i < count; i++) {
        uint32_t half = x[i];
        uint32_t bits = (half & 0x7FFFu) << 13;
        float f;
        memcpy(&f, &bits, 4);
        f *= 5.192296858534828e+33f;
        memcpy(&bits, &f, 4);
        bits |= (half & 0x7C00u) == 0x7C00u ? 0x7F800000u : 0u;
        bits |= (half & 0x8000u) << 16;
        memcpy(y + i, &bits, 4);
    }
}

static void KERNEL(to_bfloat16)(long count, const float *restrict x, uint16_t *restrict y) {
    for (long i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, 4);
        uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
        y[i] = (uint16_t)((bits & 0x7FFFFFFFu) > 0x7F800000u ? ((bits >> 16) | 0x40u) : rounded);
    }
}

static const struct kernels KERNEL(table) = {
    .exp = KERNEL(exp),
    .silu = KERNEL(silu),
    .rms_norm = KERNEL(rms_norm),
    .rms_norm_again = KERNEL(rms_norm_again),
    .rms_norm_backward = KERNEL(rms_norm_backward),
    .rms_norm_weight = KERNEL(rms_norm_weight),
    .swiglu = KERNEL(swiglu),
    .swiglu_backward = KERNEL(swiglu_backward),
    .rope = KERNEL(rope),
    .attention = KERNEL(attention),
    .attention_backward = KERNEL(attention_backward),
    .cross_entropy = KERNEL(cross_entropy),
    .add = KERNEL(add),
    .scaled_add = KERNEL(scaled_add),
    .scale = KERNEL(scale),
    .add_bias = KERNEL(add_bias),
    .column_sums = KERNEL(column_sums),
    .sum_of_squares = KERNEL(sum_of_squares),
    .sum_of_magnitudes = KERNEL(sum_of_magnitudes),
    .dot = KERNEL(dot),
    .all_finite = KERNEL(all_finite),
    .adamw = KERNEL(adamw),
    .from_bfloat16 = KERNEL(from_bfloat16),
    .from_float16 = KERNEL(from_float16),
    .to_bfloat16 = KERNEL(to_bfloat16),
};

#undef LANES
#undef KERNEL
