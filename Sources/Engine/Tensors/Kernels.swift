import CKernels

/// The small kernels on matrices. Shapes are checked once a call; rows are split between the pool's threads.
extension ThreadPool {
    /// Rows that make a block worth handing to another thread, for kernels that read a row a few times.
    private static func grain(_ columns: Int) -> Int { max(1, 8192 / max(1, columns)) }

    /// `y = x / rms(x) · weight`; the inverse roots go to `inverse` (one a row).
    package func rmsNorm(_ x: Matrix, weight: Matrix, epsilon: Float, into y: Matrix, inverse: Matrix) {
        precondition(x.rows == y.rows && x.columns == y.columns && weight.count == x.columns)
        precondition(inverse.count == x.rows && inverse.isContiguous)
        parallelRanges(x.rows, grain: Self.grain(x.columns)) { range in
            let (x, y) = (x.rows(range), y.rows(range))
            unsafe ck_rms_norm(
                x.rows, x.columns, x.pointer, x.stride, weight.pointer, epsilon, y.pointer, y.stride,
                inverse.pointer + range.lowerBound)
        }
    }

    /// The norm's output once more, from the inverse roots that the forward pass kept.
    package func rmsNormAgain(_ x: Matrix, weight: Matrix, inverse: Matrix, into y: Matrix) {
        precondition(x.rows == y.rows && x.columns == y.columns && weight.count == x.columns)
        precondition(inverse.count == x.rows && inverse.isContiguous)
        parallelRanges(x.rows, grain: Self.grain(x.columns)) { range in
            let (x, y) = (x.rows(range), y.rows(range))
            unsafe ck_rms_norm_again(
                x.rows, x.columns, x.pointer, x.stride, weight.pointer, inverse.pointer + range.lowerBound, y.pointer,
                y.stride)
        }
    }

    /// `dx += ∂/∂x`, and `dweight += ∂/∂weight` where one is given.
    package func rmsNormBackward(
        _ x: Matrix, weight: Matrix, inverse: Matrix, gradient dy: Matrix, into dx: Matrix, dweight: Matrix? = nil
    ) {
        precondition(x.rows == dy.rows && x.columns == dy.columns && weight.count == x.columns)
        precondition(x.rows == dx.rows && x.columns == dx.columns && inverse.count == x.rows && inverse.isContiguous)
        if let dweight {
            precondition(dweight.count == x.columns)
            unsafe ck_rms_norm_weight(
                x.rows, x.columns, x.pointer, x.stride, inverse.pointer, dy.pointer, dy.stride, dweight.pointer)
        }
        parallelRanges(x.rows, grain: Self.grain(x.columns)) { range in
            let (x, dy, dx) = (x.rows(range), dy.rows(range), dx.rows(range))
            unsafe ck_rms_norm_backward(
                x.rows, x.columns, x.pointer, x.stride, weight.pointer, inverse.pointer + range.lowerBound,
                dy.pointer, dy.stride, dx.pointer, dx.stride)
        }
    }

    /// `y = silu(gate) · up`; a row of `gateUp` holds gate and then up.
    package func swiglu(_ gateUp: Matrix, into y: Matrix) {
        precondition(gateUp.rows == y.rows && gateUp.columns == 2 * y.columns)
        parallelRanges(y.rows, grain: Self.grain(y.columns * 4)) { range in
            let (g, y) = (gateUp.rows(range), y.rows(range))
            unsafe ck_swiglu(y.rows, y.columns, g.pointer, g.stride, y.pointer, y.stride)
        }
    }

    /// Writes the gradients of gate and up, laid out as `gateUp`, from that of `swiglu`'s output.
    package func swigluBackward(_ gateUp: Matrix, gradient dy: Matrix, into dgateUp: Matrix) {
        precondition(gateUp.rows == dy.rows && gateUp.columns == 2 * dy.columns)
        precondition(dgateUp.rows == dy.rows && dgateUp.columns == gateUp.columns)
        parallelRanges(dy.rows, grain: Self.grain(dy.columns * 4)) { range in
            let (g, dy, dg) = (gateUp.rows(range), dy.rows(range), dgateUp.rows(range))
            unsafe ck_swiglu_backward(
                dy.rows, dy.columns, g.pointer, g.stride, dy.pointer, dy.stride, dg.pointer, dg.stride)
        }
    }

    /// Rotates each head of each row by the row's angles (`cosines`, `sines`: half a head wide); `inverse` turns back.
    package func rotate(_ x: Matrix, headSize: Int, cosines: Matrix, sines: Matrix, inverse: Bool = false) {
        precondition(x.columns % headSize == 0 && cosines.rows == x.rows && cosines.columns == headSize / 2)
        precondition(sines.rows == x.rows && sines.columns == headSize / 2)
        precondition(cosines.isContiguous && sines.isContiguous)
        parallelRanges(x.rows, grain: Self.grain(x.columns)) { range in
            let (x, c, s) = (x.rows(range), cosines.rows(range), sines.rows(range))
            unsafe ck_rope(
                x.rows, x.columns / headSize, headSize, x.pointer, x.stride, c.pointer, s.pointer, inverse ? -1 : 1)
        }
    }

    /// Negative log-probabilities of the targets. With `weights`, each row of logits becomes its gradient times the
    /// row's weight.
    package func crossEntropy(
        _ logits: Matrix, targets: ArraySlice<Int32>, weights: ArraySlice<Float>?, into losses: Matrix
    ) {
        precondition(targets.count == logits.rows && losses.count == logits.rows && losses.isContiguous)
        precondition(weights.map { $0.count == logits.rows } ?? true)
        parallelRanges(logits.rows, grain: 1) { range in
            for row in range {
                let target = Int(targets[targets.startIndex + row])
                precondition(target >= 0 && target < logits.columns)
                let weight = weights.map { $0[$0.startIndex + row] }
                unsafe losses.pointer[row] = ck_cross_entropy(
                    logits.columns, logits.pointer + row * logits.stride, target, weight ?? 0, weight == nil ? 0 : 1)
            }
        }
    }

    /// `y += bias` in every row, on the calling thread.
    package func addBias(_ bias: Matrix, to y: Matrix) {
        precondition(bias.count == y.columns)
        unsafe ck_add_bias(y.rows, y.columns, bias.pointer, y.pointer, y.stride)
    }
}

/// Kernels on whole matrices, on the calling thread.
extension Matrix {
    private func eachRow(_ body: (_ start: UnsafeMutablePointer<Float>, _ count: Int) -> Void) {
        if isContiguous {
            unsafe body(pointer, count)
        } else {
            for row in 0..<rows { unsafe body(pointer + row * stride, columns) }
        }
    }

    private func eachRow(
        with other: Matrix,
        _ body: (_ start: UnsafeMutablePointer<Float>, _ other: UnsafeMutablePointer<Float>, _ count: Int) -> Void
    ) {
        precondition(rows == other.rows && columns == other.columns)
        if isContiguous, other.isContiguous {
            unsafe body(pointer, other.pointer, count)
        } else {
            for row in 0..<rows {
                unsafe body(pointer + row * stride, other.pointer + row * other.stride, columns)
            }
        }
    }

    /// `self += scale · other`
    package func add(_ other: Matrix, scale: Float = 1) {
        unsafe eachRow(with: other) { y, x, count in
            if scale == 1 {
                unsafe ck_add(count, x, y)
            } else {
                unsafe ck_scaled_add(count, scale, x, y)
            }
        }
    }

    package func multiply(by factor: Float) {
        unsafe eachRow { x, count in unsafe ck_scale(count, factor, x) }
    }

    /// `self += column sums of x`; self is one row.
    package func addColumnSums(of x: Matrix) {
        precondition(count == x.columns)
        unsafe ck_column_sums(x.rows, x.columns, x.pointer, x.stride, pointer)
    }

    /// Σx², in double precision.
    package var sumOfSquares: Double {
        var sum = 0.0
        unsafe eachRow { x, count in unsafe sum += ck_sum_of_squares(count, x) }
        return sum
    }

    /// Σ|x|, in double precision.
    package var sumOfMagnitudes: Double {
        var sum = 0.0
        unsafe eachRow { x, count in unsafe sum += ck_sum_of_magnitudes(count, x) }
        return sum
    }

    /// Σxy, in double precision.
    package func dot(_ other: Matrix) -> Double {
        var sum = 0.0
        unsafe eachRow(with: other) { x, y, count in unsafe sum += ck_dot(count, x, y) }
        return sum
    }

    package var isFinite: Bool {
        var finite = true
        unsafe eachRow { x, count in unsafe finite = finite && ck_all_finite(count, x) != 0 }
        return finite
    }

    /// `y = exp(self)`, arguments limited to [−87, 88]; relative error below 4e-7.
    package func exponentials(into y: Matrix) {
        unsafe eachRow(with: y) { x, y, count in unsafe ck_exp(count, x, y) }
    }

    /// `y = x / (1 + exp(−x))`, x being self.
    package func silu(into y: Matrix) {
        unsafe eachRow(with: y) { x, y, count in unsafe ck_silu(count, x, y) }
    }

    /// One AdamW step on this parameter; all matrices are contiguous and of one shape.
    package func adamWStep(
        gradient: Matrix, first: Matrix, second: Matrix, gradientScale: Float, rate: Float, beta1: Float,
        beta2: Float, epsilon: Float, decay: Float, correction1: Float, correction2: Float
    ) {
        precondition(isContiguous && gradient.isContiguous && first.isContiguous && second.isContiguous)
        precondition(gradient.count == count && first.count == count && second.count == count)
        unsafe ck_adamw(
            count, pointer, gradient.pointer, first.pointer, second.pointer, gradientScale, rate, beta1, beta2,
            epsilon, decay, correction1, correction2)
    }

    /// Index of the largest element of a row, the first of equals; nil when an element is not finite.
    package func largest(ofRow row: Int) -> Int? {
        precondition(row >= 0 && row < rows && columns > 0)
        let x = unsafe pointer + row * stride
        guard unsafe ck_all_finite(columns, x) != 0 else { return nil }
        var best = 0
        for column in 1..<max(1, columns) where unsafe x[column] > x[best] { best = column }
        return best
    }

    /// Log-probability of one token under the softmax of a row of logits.
    package func logProbability(of column: Int, row: Int) -> Float {
        precondition(row >= 0 && row < rows && column >= 0 && column < columns)
        return unsafe -ck_cross_entropy(columns, pointer + row * stride, column, 0, 0)
    }
}
